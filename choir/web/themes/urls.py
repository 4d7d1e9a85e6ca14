"""Addresses of themes and terms."""

from django.urls import path

from choir.web.themes import views

THEMES = "w/<slug:workspace>/themes/"

urlpatterns = [
    path(THEMES, views.themes, name="themes"),
    path(f"{THEMES}search", views.search, name="themes_search"),
    path(f"{THEMES}terms/", views.terms, name="themes_terms"),
    path(f"{THEMES}terms/<uuid:term>/removal", views.removal, name="themes_term_removal"),
    path(f"{THEMES}<uuid:theme>/decision", views.decision, name="themes_decision"),
]
