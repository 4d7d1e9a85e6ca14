"""Addresses of what leaders read."""

from django.urls import path

from choir.web.executive import briefs, hearings, overview

BASE = "w/<slug:workspace>/executive/"

urlpatterns = [
    path(BASE, briefs.brief, name="executive"),
    path(f"{BASE}briefs/<str:day>/", briefs.brief, name="executive_brief"),
    path(f"{BASE}briefs/<str:day>/brief.pdf", briefs.document, name="executive_document"),
    path(f"{BASE}overview/", overview.overview, name="executive_overview"),
    path(f"{BASE}overview/participation.svg", overview.participation_chart, name="executive_participation"),
    path(f"{BASE}mailing", briefs.mailing, name="executive_mailing"),
    path(f"{BASE}weekday", briefs.weekday, name="executive_weekday"),
    path(f"{BASE}hearings/", hearings.hearings, name="executive_hearings"),
    path(f"{BASE}briefs/<str:day>/hearings/", hearings.hearings, name="executive_hearings_of"),
    path(f"{BASE}hearings/<uuid:hearing>/", hearings.hearing, name="executive_hearing"),
    path(f"{BASE}hearings/<uuid:hearing>/star", hearings.starring, name="executive_starring"),
    path(f"{BASE}hearings/<uuid:hearing>/question", hearings.question, name="executive_question"),
    path(f"{BASE}hearings/<uuid:hearing>/drafting", hearings.drafting, name="executive_drafting"),
    path(f"{BASE}hearings/<uuid:hearing>/draft", hearings.draft, name="executive_draft"),
]
