"""The sandbox network's addresses."""

from django.urls import path

from choir.web.sandbox import api, views

urlpatterns = [
    path("", views.index, name="sandbox"),
    path("<slug:place>/", views.place, name="sandbox-place"),
    path("<slug:place>/posts", views.posts, name="sandbox-posts"),
    path("<slug:place>/pictures/<uuid:picture>", views.picture, name="sandbox-picture"),
    path("api/<slug:place>/stream", api.stream_of_company, name="sandbox-stream"),
    path("api/<slug:place>/answers", api.answers, name="sandbox-answers"),
    path("api/<slug:place>/removals", api.removals, name="sandbox-removals"),
    path("api/<slug:place>/moderations", api.moderations, name="sandbox-moderations"),
    path("api/<slug:place>/figures", api.figures, name="sandbox-figures"),
    path("api/<slug:place>/faults", api.faults, name="sandbox-faults"),
]
