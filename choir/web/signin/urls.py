"""Addresses of signing in that are Choir's own; the rest is django-allauth's, under accounts/."""

from django.urls import path

from choir.web.signin import views

urlpatterns = [path("demo-sign-in", views.demo_sign_in, name="demo_sign_in")]
