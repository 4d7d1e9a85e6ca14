"""Addresses of knowledge."""

from django.urls import path

from choir.web.knowledge import answers, exporting, knowing, macros

BASE = "w/<slug:workspace>/knowledge/"

urlpatterns = [
    path(BASE, answers.answers, name="knowledge"),
    path(f"{BASE}answers/new/", answers.new_answer, name="knowledge_new_answer"),
    path(f"{BASE}answers/<uuid:answer>/", answers.one_answer, name="knowledge_answer"),
    path(f"{BASE}answers/<uuid:answer>/wording/", answers.wording, name="knowledge_answer_wording"),
    path(f"{BASE}macros/", macros.macros, name="knowledge_macros"),
    path(f"{BASE}macros/new/", macros.new_macro, name="knowledge_new_macro"),
    path(f"{BASE}macros/<uuid:macro>/", macros.one_macro, name="knowledge_macro"),
    path(f"{BASE}people/", knowing.people, name="knowledge_people"),
    path(f"{BASE}answers.<slug:form>", exporting.answers_file, name="knowledge_answers_file"),
    path(f"{BASE}macros.<slug:form>", exporting.macros_file, name="knowledge_macros_file"),
]
