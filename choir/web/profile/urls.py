"""A person's own addresses."""

from django.urls import path

from choir.web.profile import views

urlpatterns = [
    path("profile", views.profile, name="profile"),
    path("profile/theme", views.theme, name="theme"),
    path("profile/presence", views.presence, name="presence"),
]
