"""The addresses of pictures and files."""

from django.urls import path

from choir.web.media import views

ONE = "w/<slug:workspace>/media/<uuid:attachment>"

urlpatterns = [
    path(ONE, views.attachment, name="media"),
    path(f"{ONE}/small", views.small, name="media-small"),
    path(f"{ONE}/retry", views.retry, name="media-retry"),
]
