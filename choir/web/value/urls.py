"""Addresses of value, of tracked links, and of the webhook that tells of conversions."""

from django.urls import path

from choir.web.value import bringing, following, listing, views

BASE = "w/<slug:workspace>/strategy/value/"

urlpatterns = [
    path(BASE, views.value, name="value"),
    path(f"{BASE}value.pdf", views.value_pdf, name="value_pdf"),
    path(f"{BASE}tornado.svg", views.tornado, name="value_tornado"),
    path(f"{BASE}goals/<uuid:goal>/", views.goal, name="value_goal"),
    path(f"{BASE}no-goal/", views.goal, {"goal": None}, name="value_loose"),
    path(f"{BASE}accounts.<str:form>", views.export, name="value_export"),
    path(f"{BASE}assumptions/<slug:name>/", views.assumption, name="value_assumption"),
    path(f"{BASE}rule/", views.rule, name="value_rule"),
    path(f"{BASE}conversions/", listing.conversions, name="value_conversions"),
    path(f"{BASE}conversions.<str:form>", listing.export_conversions, name="value_conversions_export"),
    path(f"{BASE}rows/<slug:what>/", listing.rows, name="value_rows"),
    path(f"{BASE}rows/<slug:what>.<str:form>", listing.export_rows, name="value_rows_export"),
    path(f"{BASE}spend/", bringing.spend, name="value_spend"),
    path(f"{BASE}spend/<uuid:row>/striking", bringing.striking, name="value_spend_striking"),
    path(f"{BASE}links/", bringing.links, name="value_links"),
    path(f"{BASE}links/<uuid:link>/retirement", bringing.retirement, name="value_link_retirement"),
    path(f"{BASE}sources/", bringing.sources, name="value_sources"),
    path(f"{BASE}sources/kinds", bringing.kinds, name="value_kinds"),
    path(f"{BASE}sources/goals", bringing.goals_of_kinds, name="value_counts_for"),
    path(f"{BASE}sources/<uuid:source>/ending", bringing.source_ending, name="value_source_ending"),
    path(f"{BASE}sources/files", bringing.upload, name="value_upload"),
    path(f"{BASE}sources/files/<str:file>/", bringing.file, name="value_file"),
    path("l/<str:code>", following.followed, name="tracked_link"),
    path("l/<str:code>/<str:signed>", following.followed, name="tracked_link_given"),
    path("hooks/conversions/<uuid:source_id>", following.hook, name="conversion_hook"),
]
