"""Addresses of customers."""

from django.urls import path

from choir.web.customers import views

urlpatterns = [
    path("w/<slug:workspace>/customers/", views.customers, name="customers"),
    path("w/<slug:workspace>/customers/<uuid:customer>/", views.customer, name="customer"),
]
