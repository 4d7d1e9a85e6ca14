"""The stream's address, and presence."""

from django.urls import path

from choir.web.live import views

urlpatterns = [
    path("w/<slug:workspace>/live/", views.live, name="live"),
    path("w/<slug:workspace>/conversations/<uuid:conversation>/presence", views.presence, name="conversation-presence"),
]
