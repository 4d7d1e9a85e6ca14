"""Addresses of the committee."""

from django.urls import path

from choir.web.committee import calendars, deciding, decisions, form, home, meetings, minutes, sitting, staffing, terms

BASE = "w/<slug:workspace>/committee/"
MEETING = f"{BASE}meetings/<int:number>/"
ITEM = f"{MEETING}items/<uuid:item>/"

urlpatterns = [
    path(BASE, home.committee, name="committee"),
    path(f"{BASE}terms/", terms.terms, name="committee_terms"),
    path(f"{BASE}seats/", terms.seats, name="committee_seats"),
    path(f"{BASE}accountability/", home.accountable, name="committee_accountability"),
    path(f"{BASE}form/", form.form, name="committee_form"),
    path(f"{BASE}form/hours/<int:hour>/", staffing.hour, name="committee_hour"),
    path(f"{BASE}form/conversations/", staffing.arrivals, name="committee_arrived"),
    path(f"{BASE}form/hub", form.hub, name="committee_hub"),
    path(f"{BASE}form/enablement.svg", form.trend, name="committee_trend"),
    path(f"{BASE}decisions/", decisions.register, name="committee_decisions"),
    path(f"{BASE}decisions/<uuid:decision>/", decisions.one, name="committee_decision"),
    path(f"{BASE}decisions/<uuid:decision>/reversal", decisions.reversal, name="committee_reversal"),
    path(f"{BASE}actions/<uuid:action>/completion", sitting.completion, name="committee_action_done"),
    path(MEETING, meetings.meeting, name="committee_meeting"),
    path(f"{MEETING}opening", sitting.opening, name="committee_opening"),
    path(f"{MEETING}closing", sitting.closing, name="committee_closing"),
    path(f"{MEETING}cancellation", sitting.cancellation, name="committee_cancellation"),
    path(f"{MEETING}presence", sitting.presence, name="committee_presence"),
    path(f"{MEETING}items/", sitting.items, name="committee_items"),
    path(f"{MEETING}actions/", sitting.actions, name="committee_actions"),
    path(f"{MEETING}minutes.pdf", minutes.document, name="committee_document"),
    path(f"{MEETING}minutes.md", minutes.markdown, name="committee_markdown"),
    path(f"{MEETING}meeting.ics", calendars.meeting_file, name="committee_meeting_file"),
    path(f"{ITEM}paper", sitting.paper, name="committee_paper"),
    path(f"{ITEM}vote", sitting.vote, name="committee_vote"),
    path(f"{ITEM}minutes", sitting.minutes, name="committee_minutes"),
    path(f"{ITEM}outcome", sitting.outcome, name="committee_outcome"),
    path(f"{ITEM}decision", deciding.decision, name="committee_deciding"),
    path(f"{BASE}feed/", calendars.renewal, name="committee_feed_renewal"),
    path("committee/<str:key>.ics", calendars.feed_file, name="committee_feed"),
]
