from django.apps import AppConfig


class ConversionsConfig(AppConfig):
    name = "choir.conversions"
    label = "conversions"
