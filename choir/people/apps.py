from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "choir.people"
    label = "people"
