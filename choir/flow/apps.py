from django.apps import AppConfig


class FlowConfig(AppConfig):
    name = "choir.flow"
    label = "flow"
