from django.apps import AppConfig


class JourneyConfig(AppConfig):
    name = "choir.journey"
    label = "journey"
