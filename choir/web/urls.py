"""Every page's address. Each view carries its rule (`choir.web.access`); a test refuses one without."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/", include("choir.web.hooks.urls")),
    path("", include("choir.web.inbox.urls")),
    path("", include("choir.web.media.urls")),
    path("", include("choir.web.live.urls")),
    path("", include("choir.web.surveys.urls")),
    path("sandbox/", include("choir.web.sandbox.urls")),
    path("", include("choir.web.health.urls")),
    path("", include("choir.web.shell.urls")),
    path("", include("choir.web.today.urls")),
    path("", include("choir.web.customers.urls")),
    path("", include("choir.web.insights.urls")),
    path("", include("choir.web.learning.urls")),
    path("", include("choir.web.themes.urls")),
    path("", include("choir.web.listening.urls")),
    path("", include("choir.web.knowledge.urls")),
    path("", include("choir.web.signin.urls")),
    path("", include("choir.web.profile.urls")),
    path("", include("choir.web.ownership.urls")),
    path("", include("choir.web.rules.urls")),
    path("", include("choir.web.strategy.urls")),
    path("", include("choir.web.committee.urls")),
    path("", include("choir.web.executive.urls")),
    path("", include("choir.web.approvals.urls")),
    path("", include("choir.web.problems.urls")),
    path("", include("choir.web.audit.urls")),
    path("", include("choir.web.settings.urls")),
    path("", include("choir.web.imports.urls")),
    path("", include("choir.web.styleguide.urls")),
]
