"""The address that a customer is sent."""

from django.urls import path

from choir.web.surveys import views

urlpatterns = [
    path("s/<str:signed>", views.survey, name="survey"),
    path("s/<str:signed>/comment", views.comment, name="survey-comment"),
]
