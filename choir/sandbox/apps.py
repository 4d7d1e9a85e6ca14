from django.apps import AppConfig


class SandboxConfig(AppConfig):
    name = "choir.sandbox"
    label = "sandbox"
