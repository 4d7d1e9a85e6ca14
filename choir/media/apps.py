from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "choir.media"
    label = "media"
