"""What `choir serve` serves."""

import os

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Handler(ASGIHandler):
    """Every middleware and every page is written without `async`, so a page is made in one thread from beginning to
    end. Django's own handler would go back to the event loop between them, which costs each page a millisecond. What
    streams is still sent by the event loop."""

    def load_middleware(self, is_async: bool = False) -> None:
        """The chain of middleware, none of it asynchronous."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The page, made in the thread of this request."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


django.setup(set_prefix=False)
application = Handler()
