"""Addresses of imports."""

from django.urls import path

from choir.web.imports import views

urlpatterns = [
    path("w/<slug:workspace>/settings/imports/", views.imports, name="imports"),
    path("w/<slug:workspace>/settings/imports/files/<str:file>/", views.mapping, name="import_mapping"),
    path("w/<slug:workspace>/settings/imports/<uuid:run>/", views.one, name="import"),
    path("w/<slug:workspace>/settings/imports/<uuid:run>/set-aside.csv", views.set_aside, name="import_set_aside"),
]
