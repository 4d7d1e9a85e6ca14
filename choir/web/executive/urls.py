"""Addresses of what leaders read."""

from django.urls import path

from choir.web.executive import briefs

BASE = "w/<slug:workspace>/executive/"

urlpatterns = [
    path(BASE, briefs.brief, name="executive"),
    path(f"{BASE}briefs/<str:day>/", briefs.brief, name="executive_brief"),
    path(f"{BASE}briefs/<str:day>/brief.pdf", briefs.document, name="executive_document"),
]
