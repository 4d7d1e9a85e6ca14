from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "choir.routing"
    label = "routing"
