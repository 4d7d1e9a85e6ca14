"""Addresses of the settings."""

from django.urls import path

from choir.web.settings import channels, connecting, departments, people, promises, returning, surveys, teams

SETTINGS = "w/<slug:workspace>/settings/"
DEPARTMENT = f"{SETTINGS}departments/<uuid:department>/"
TEAM = f"{SETTINGS}teams/<uuid:team>/"
CHANNEL = f"{SETTINGS}channels/<uuid:channel>/"
PERSON = f"{SETTINGS}people/<uuid:person>/"
PROMISE = f"{SETTINGS}promises/<uuid:promise>/"
POLICY = f"{SETTINGS}approval-policies/<uuid:policy>/"

SURVEY = f"{SETTINGS}survey-policies/<uuid:policy>/"

urlpatterns = [
    path(SETTINGS, departments.departments, name="settings"),
    path(f"{SETTINGS}sorting/", departments.sorting, name="settings_sorting"),
    path(f"{SETTINGS}departments/new/", departments.new_department, name="settings_new_department"),
    path(DEPARTMENT, departments.department, name="settings_department"),
    path(f"{DEPARTMENT}teams/", departments.new_team, name="settings_new_team"),
    path(f"{DEPARTMENT}removal/", departments.removal, name="settings_department_removal"),
    path(TEAM, teams.team, name="settings_team"),
    path(f"{TEAM}people/", teams.members, name="settings_team_people"),
    path(f"{TEAM}removal/", teams.removal, name="settings_team_removal"),
    path(f"{SETTINGS}people/", people.people, name="settings_people"),
    path(f"{SETTINGS}people/new/", people.new_person, name="settings_new_person"),
    path(PERSON, people.person, name="settings_person"),
    path(f"{PERSON}abilities/", people.abilities, name="settings_abilities"),
    path(f"{PERSON}employment/", people.employment, name="settings_employment"),
    path(f"{SETTINGS}channels/", channels.channels, name="settings_channels"),
    path(f"{SETTINGS}channels/new/", connecting.connectors, name="settings_connectors"),
    path(f"{SETTINGS}channels/new/<slug:connector>/", connecting.connect, name="settings_connect"),
    path("connecting/return", returning.returned, name="settings_consent"),
    path(CHANNEL, channels.channel, name="settings_channel"),
    path(f"{CHANNEL}sign-in/", connecting.reconnect, name="settings_channel_sign_in"),
    path(f"{CHANNEL}pause/", connecting.pausing, name="settings_channel_pause"),
    path(f"{CHANNEL}resumption/", connecting.resumption, name="settings_channel_resumption"),
    path(f"{CHANNEL}disconnection/", connecting.disconnection, name="settings_channel_disconnection"),
    path(f"{SETTINGS}promises/", promises.promises, name="settings_promises"),
    path(f"{SETTINGS}promises/new/", promises.promise, name="settings_new_promise"),
    path(PROMISE, promises.promise, name="settings_promise"),
    path(f"{PROMISE}withdrawal/", promises.withdrawal, name="settings_promise_withdrawal"),
    path(f"{SETTINGS}approval-policies/new/", promises.approval_policy, name="settings_new_approval_policy"),
    path(POLICY, promises.approval_policy, name="settings_approval_policy"),
    path(f"{POLICY}removal/", promises.approval_policy_removal, name="settings_approval_policy_removal"),
    path(f"{SETTINGS}survey-policies/new/", surveys.survey_policy, name="settings_new_survey_policy"),
    path(SURVEY, surveys.survey_policy, name="settings_survey_policy"),
    path(f"{SURVEY}removal/", surveys.survey_policy_removal, name="settings_survey_policy_removal"),
]
