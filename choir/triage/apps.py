from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "choir.triage"
    label = "triage"
