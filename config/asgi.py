"""What `choir serve` serves."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from choir.web.handler import Handler  # noqa: E402 -- models need Django set up

application = Handler()
