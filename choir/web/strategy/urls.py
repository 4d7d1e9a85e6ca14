"""Addresses of the strategy."""

from django.urls import path

from choir.web.strategy import views

BASE = "w/<slug:workspace>/strategy/"

urlpatterns = [
    path(BASE, views.strategy, name="strategy"),
    path(f"{BASE}strategy.pdf", views.strategy_pdf, name="strategy_pdf"),
    path(f"{BASE}goals/new/", views.new_goal, name="strategy_new_goal"),
    path(f"{BASE}goals/<uuid:goal>/", views.goal, name="strategy_goal"),
    path(f"{BASE}kpis/new/", views.new_kpi, name="strategy_new_kpi"),
    path(f"{BASE}kpis/<uuid:kpi>/", views.kpi, name="strategy_kpi"),
    path(f"{BASE}kpis/<uuid:kpi>/course.svg", views.kpi_course, name="strategy_kpi_course"),
    path(f"{BASE}kpis/<uuid:kpi>/terms/", views.kpi_terms, name="strategy_kpi_terms"),
    path(f"{BASE}initiatives/new/", views.new_initiative, name="strategy_new_initiative"),
    path(f"{BASE}initiatives/<uuid:initiative>/", views.initiative, name="strategy_initiative"),
    path(f"{BASE}goals/<uuid:row>/ending", views.ending, {"kind": "goal"}, name="strategy_goal_ending"),
    path(f"{BASE}kpis/<uuid:row>/ending", views.ending, {"kind": "kpi"}, name="strategy_kpi_ending"),
    path(
        f"{BASE}initiatives/<uuid:row>/ending", views.ending, {"kind": "initiative"}, name="strategy_initiative_ending"
    ),
]
