from django.apps import AppConfig


class MeasurementConfig(AppConfig):
    name = "choir.measurement"
    verbose_name = "Measurement"
