from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "choir.customers"
    label = "customers"
