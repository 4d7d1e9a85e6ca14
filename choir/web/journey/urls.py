"""Addresses of the journey."""

from django.urls import path

from choir.web.journey import people, views

BASE = "w/<slug:workspace>/customers/"

urlpatterns = [
    path(f"{BASE}journey/", views.journey, name="journey"),
    path(f"{BASE}journey/flow.svg", views.flow_drawing, name="journey_flow"),
    path(f"{BASE}journey/flow.<str:form>", views.export_flow, name="journey_export"),
    path(f"{BASE}journey/people/", people.people, name="journey_people"),
    path(f"{BASE}journey/people.<str:form>", people.export_people, name="journey_people_export"),
    path(f"{BASE}journey/conversations/", views.conversations, name="journey_conversations"),
    path(f"{BASE}journey/conversations.<str:form>", views.export_conversations, name="journey_conversations_export"),
    path(f"{BASE}<uuid:customer>/stage", people.stage, name="customer_stage"),
]
