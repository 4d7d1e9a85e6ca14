from django.apps import AppConfig


class ValueConfig(AppConfig):
    name = "choir.value"
    label = "value"
