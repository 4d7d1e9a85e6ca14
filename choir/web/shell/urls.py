"""The start, and what stands when there is no connection."""

from django.urls import path

from choir.web.shell import views

urlpatterns = [
    path("", views.home, name="home"),
    path("offline", views.offline, name="offline"),
    path("service-worker.js", views.service_worker, name="service_worker"),
]
