"""Addresses of the problems."""

from django.urls import path

from choir.web.problems import views

PROBLEMS = "w/<slug:workspace>/problems/"

urlpatterns = [
    path(PROBLEMS, views.problems, name="problems"),
    path(f"{PROBLEMS}<uuid:delivery>/retry", views.retrial, name="problems-retry"),
    path(f"{PROBLEMS}<uuid:delivery>/settlement", views.settlement, name="problems-settlement"),
]
