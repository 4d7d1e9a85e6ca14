"""Addresses of what was learnt."""

from django.urls import path

from choir.web.learning import drifting, misrouting, opening, views

LEARNING = "w/<slug:workspace>/learning/"

urlpatterns = [
    path(LEARNING, views.learning, name="learning"),
    path("w/<slug:workspace>/misrouting/", misrouting.misrouting, name="misrouting"),
    path("w/<slug:workspace>/misrouting/conversations/", misrouting.handed, name="misrouting_rows"),
    path(f"{LEARNING}worked-on/", opening.rows, name="learning_rows"),
    path(f"{LEARNING}accuracy.svg", views.chart, name="learning_chart"),
    path(f"{LEARNING}versions/<uuid:version>/rollback", views.rollback, name="learning_rollback"),
    path(f"{LEARNING}drifts/<uuid:drift>/acknowledgement", drifting.acknowledgement, name="learning_drift_seen"),
    path(
        "w/<slug:workspace>/learning/examples/<uuid:example>/withdrawal", views.withdrawal, name="learning_withdrawal"
    ),
]
