"""Addresses of signing in that are Choir's own; the rest is django-allauth's, under accounts/."""

from django.urls import path

from choir.installation.beginning import PLACE
from choir.web.signin import beginning, views

urlpatterns = [
    path("demo-sign-in", views.demo_sign_in, name="demo_sign_in"),
    path(f"{PLACE}/<slug:token>", beginning.begin, name="begin"),
]
