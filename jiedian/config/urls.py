"""Every door of the system."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from jiedian.web.shell import page


@page("public")
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive and reads its settings."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", page("public")(set_language), name="set_language"),
    path("", include("jiedian.web.urls")),
    path("", include("jiedian.portal.urls")),
    path("", include("jiedian.office.urls")),
    path("", include("jiedian.people.urls")),
    path("", include("jiedian.links.urls")),
    path("", include("jiedian.journal.urls")),
    path("", include("jiedian.grid.urls")),
    path("", include("jiedian.voice.urls")),
    path("", include("jiedian.plans.urls")),
]
