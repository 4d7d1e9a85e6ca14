"""Addresses of the approvals."""

from django.urls import path

from choir.web.approvals import views

APPROVALS = "w/<slug:workspace>/approvals/"

urlpatterns = [
    path(APPROVALS, views.approvals, name="approvals"),
    path(f"{APPROVALS}<uuid:approval>/vote", views.vote, name="approvals-vote"),
    path(f"{APPROVALS}<uuid:approval>/withdrawal", views.withdrawal, name="approvals-withdrawal"),
]
