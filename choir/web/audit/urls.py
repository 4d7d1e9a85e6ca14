"""Addresses of the record."""

from django.urls import path

from choir.web.audit import views

AUDIT = "w/<slug:workspace>/audit/"

urlpatterns = [
    path(AUDIT, views.audit, name="audit"),
    path(f"{AUDIT}verification", views.verification, name="audit-verification"),
    path(f"{AUDIT}record.csv", views.as_csv, name="audit-csv"),
    path(f"{AUDIT}record.jsonl", views.as_jsonl, name="audit-jsonl"),
    path(f"{AUDIT}record.parquet", views.as_parquet, name="audit-parquet"),
]
