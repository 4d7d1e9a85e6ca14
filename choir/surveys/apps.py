from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "choir.surveys"
    label = "surveys"
