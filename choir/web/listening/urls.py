"""Addresses of listening."""

from django.urls import path

from choir.web.listening import exporting, mentions, queries, reaching, spikes, stream, trends

BASE = "w/<slug:workspace>/listening/"

urlpatterns = [
    path(BASE, stream.stream, name="listening"),
    path(f"{BASE}stream.<slug:form>", exporting.stream_file, name="listening_file"),
    path(f"{BASE}volume.svg", stream.volume, name="listening_volume"),
    path(f"{BASE}mentions/<uuid:mention>/conversation", mentions.conversation, name="listening_conversation"),
    path(f"{BASE}mentions/<uuid:mention>/noting", mentions.noting, name="listening_noting"),
    path(f"{BASE}queries/", queries.queries, name="listening_queries"),
    path(f"{BASE}queries/new/", queries.new_query, name="listening_new_query"),
    path(f"{BASE}queries/<uuid:query>/", queries.one_query, name="listening_query"),
    path(f"{BASE}queries/<uuid:query>/removal", queries.removal, name="listening_removal"),
    path(f"{BASE}queries/<uuid:query>/past/ending", reaching.past_ending, name="listening_past_ending"),
    path(f"{BASE}queries/<uuid:query>/past/continuation", reaching.past_continuation, name="listening_past_again"),
    path(f"{BASE}trends/", trends.trends, name="listening_trends"),
    path(f"{BASE}trends/<slug:chart>.svg", trends.chart, name="listening_trend"),
    path(f"{BASE}spikes/", spikes.spikes, name="listening_spikes"),
    path(f"{BASE}spikes/<uuid:spike>/", spikes.one_spike, name="listening_spike"),
    path(f"{BASE}spikes/<uuid:spike>/acknowledgement", spikes.acknowledgement, name="listening_acknowledgement"),
]
