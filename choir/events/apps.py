from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "choir.events"
    label = "events"
