from django.apps import AppConfig


class StrategyConfig(AppConfig):
    name = "choir.strategy"
    label = "strategy"
