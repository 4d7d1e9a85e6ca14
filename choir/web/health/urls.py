"""The address balancers ask."""

from django.urls import path

from choir.web.health import views

urlpatterns = [path("health", views.health, name="health")]
