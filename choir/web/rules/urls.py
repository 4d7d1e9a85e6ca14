"""Addresses of the rules."""

from django.urls import path

from choir.web.rules import views

RULES = "w/<slug:workspace>/rules/"

urlpatterns = [
    path(RULES, views.rules, name="rules"),
    path(f"{RULES}new/", views.new_rule, name="rules_new"),
    path(f"{RULES}<uuid:rule>/", views.rule, name="rules_rule"),
    path(f"{RULES}<uuid:rule>/position", views.position, name="rules_position"),
    path(f"{RULES}<uuid:rule>/state", views.state, name="rules_state"),
]
