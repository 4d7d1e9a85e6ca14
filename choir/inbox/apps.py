from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "choir.inbox"
    label = "inbox"
