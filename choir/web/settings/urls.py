"""Addresses of the settings."""

from django.urls import path

from choir.web.settings import channels, people, promises, teams

urlpatterns = [
    path("w/<slug:workspace>/settings/", teams.departments, name="settings"),
    path("w/<slug:workspace>/settings/teams/<uuid:team>/", teams.team, name="settings_team"),
    path("w/<slug:workspace>/settings/people/", people.people, name="settings_people"),
    path("w/<slug:workspace>/settings/people/new/", people.new_person, name="settings_new_person"),
    path("w/<slug:workspace>/settings/people/<uuid:person>/", people.person, name="settings_person"),
    path("w/<slug:workspace>/settings/channels/", channels.channels, name="settings_channels"),
    path("w/<slug:workspace>/settings/channels/<uuid:channel>/", channels.channel, name="settings_channel"),
    path("w/<slug:workspace>/settings/promises/", promises.promises, name="settings_promises"),
]
