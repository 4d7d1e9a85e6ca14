"""Webhooks by channel."""

from django.urls import path

from choir.web.hooks import views

urlpatterns = [path("<uuid:channel_id>", views.hook, name="hook")]
