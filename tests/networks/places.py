"""The networks that the suite runs against, by the folder of their connector."""

from tests.networks.by_mail import mail
from tests.networks.on_bluesky import bluesky
from tests.networks.on_mastodon import mastodon

PLACES = {"mastodon": mastodon, "bluesky": bluesky, "mail": mail}
