"""URLs of the whole system, room by room."""

from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from jiedian.config.rooms import ROOMS
from jiedian.shell.shell import page


@page("public")
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive and reads its settings."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", page("public")(set_language), name="set_language"),
    *(path("", include(f"{room}.urls")) for room in reversed(ROOMS) if find_spec(f"{room}.urls")),
]

handler400 = "jiedian.shell.views.not_understood"
handler403 = "jiedian.shell.views.not_allowed"
handler404 = "jiedian.shell.views.not_found"
handler429 = "jiedian.shell.views.too_often"
handler500 = "jiedian.shell.views.failed"
