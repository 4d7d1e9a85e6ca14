from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "choir.knowledge"
    label = "knowledge"
