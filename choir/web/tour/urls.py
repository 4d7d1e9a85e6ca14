"""The tour's address."""

from django.urls import path

from choir.web.tour import views

urlpatterns = [path("w/<slug:workspace>/tour", views.tour, name="tour")]
