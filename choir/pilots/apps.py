from django.apps import AppConfig


class PilotsConfig(AppConfig):
    name = "choir.pilots"
    label = "pilots"
