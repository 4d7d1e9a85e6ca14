from django.apps import AppConfig


class ListeningConfig(AppConfig):
    name = "choir.listening"
    label = "listening"
