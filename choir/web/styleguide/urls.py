"""The style guide's address."""

from django.urls import path

from choir.web.styleguide import views

urlpatterns = [
    path("styleguide", views.styleguide, name="styleguide"),
    path("styleguide/inbox", views.inbox, name="styleguide_inbox"),
]
