"""Today's address."""

from django.urls import path

from choir.web.today import views

urlpatterns = [
    path("w/<slug:workspace>/today/", views.today, name="today"),
]
