from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "choir.channels"
    label = "channels"
