"""Figures' addresses."""

from django.urls import path

from choir.web.insights import views

INSIGHTS = "w/<slug:workspace>/insights/"

urlpatterns = [
    path(INSIGHTS, views.insights, name="insights"),
    path(f"{INSIGHTS}charts/<slug:chart>.svg", views.chart, name="insights-chart"),
    path(f"{INSIGHTS}charts/<slug:chart>/table", views.chart_table, name="insights-chart-table"),
    path(f"{INSIGHTS}report.pdf", views.report_pdf, name="insights-report"),
    path(f"{INSIGHTS}<slug:metric>.json", views.figure_json, name="insights-figure"),
    path(f"{INSIGHTS}<slug:metric>/", views.metric, name="insights-metric"),
    path(f"{INSIGHTS}<slug:metric>/rows.<slug:form>", views.rows, name="insights-rows"),
    path(f"{INSIGHTS}<slug:metric>/by-<slug:by>.<slug:form>", views.table, name="insights-table"),
]
