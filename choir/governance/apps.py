from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "choir.governance"
    label = "governance"
