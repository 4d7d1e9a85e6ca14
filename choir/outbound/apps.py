from django.apps import AppConfig


class OutboundConfig(AppConfig):
    name = "choir.outbound"
    label = "outbound"
