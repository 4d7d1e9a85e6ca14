"""The URL table: each capability's pages under their noun."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("", include("choir.web.urls")),
]

handler404 = "choir.web.shell.views.not_found"
handler403 = "choir.web.shell.views.forbidden"
handler500 = "choir.web.shell.views.failed"
