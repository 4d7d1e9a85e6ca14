"""Every page's address. Each view carries its rule (`choir.web.access`); a test refuses one without."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
