"""Addresses of the ownership matrix."""

from django.urls import path

from choir.web.ownership import evidence, had_first, pilots, views, what_if

urlpatterns = [
    path("w/<slug:workspace>/ownership/", views.matrix, name="ownership"),
    path("w/<slug:workspace>/ownership/what-if/", what_if.page, name="ownership_what_if"),
    path("w/<slug:workspace>/ownership/what-if/conversations/", what_if.rows, name="ownership_what_if_rows"),
    path(
        "w/<slug:workspace>/ownership/what-if/conversations.<slug:form>",
        what_if.export_rows,
        name="ownership_what_if_export",
    ),
    path("w/<slug:workspace>/ownership/pilots/", pilots.pilots, name="ownership_pilots"),
    path("w/<slug:workspace>/ownership/pilots/new/", pilots.new, name="ownership_new_pilot"),
    path("w/<slug:workspace>/ownership/pilots/<uuid:pilot>/", pilots.pilot, name="ownership_pilot"),
    path("w/<slug:workspace>/ownership/pilots/<uuid:pilot>/conversations/", pilots.rows, name="ownership_pilot_rows"),
    path("w/<slug:workspace>/ownership/pilots/<uuid:pilot>/ending", pilots.ending, name="ownership_pilot_ending"),
    path("w/<slug:workspace>/ownership/<slug:objective>/", views.objective, name="ownership_objective"),
    path("w/<slug:workspace>/ownership/<slug:objective>/weight", views.weight, name="ownership_weight"),
    path("w/<slug:workspace>/ownership/<slug:objective>/evidence/", evidence.page, name="ownership_evidence"),
    path(
        "w/<slug:workspace>/ownership/<slug:objective>/evidence/conversations/",
        had_first.rows,
        name="ownership_evidence_rows",
    ),
    path(
        "w/<slug:workspace>/ownership/<slug:objective>/evidence.svg",
        evidence.drawing,
        name="ownership_evidence_drawing",
    ),
    path(
        "w/<slug:workspace>/ownership/<slug:objective>/evidence.<slug:form>",
        evidence.export,
        name="ownership_evidence_export",
    ),
    path(
        "w/<slug:workspace>/ownership/<slug:objective>/<uuid:cell>/withdrawal",
        views.withdrawal,
        name="ownership_withdrawal",
    ),
]
