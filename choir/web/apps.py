from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "choir.web"
    label = "web"
