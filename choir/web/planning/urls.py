"""Addresses of the planning canvas."""

from django.urls import path

from choir.web.planning import views

CANVAS = "w/<slug:workspace>/strategy/canvas/"

urlpatterns = [
    path(CANVAS, views.canvas, name="canvas"),
    path(f"{CANVAS}<slug:department>/", views.department, name="canvas_department"),
    path(f"{CANVAS}<slug:department>/said/", views.begun, name="canvas_said"),
    path(f"{CANVAS}<slug:department>/answers/", views.answers, name="canvas_answers"),
]
