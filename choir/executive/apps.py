from django.apps import AppConfig


class ExecutiveConfig(AppConfig):
    name = "choir.executive"
    verbose_name = "Executive"
