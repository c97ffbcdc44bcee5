"""Bring your history: choose a table and its mapping, see what is wrong, import, take back."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused, refuse
from jiedian.core.sheets import decode
from jiedian.ground.files.queries import listed
from jiedian.ground.files.services import hand_in
from jiedian.ground.files.views import file_act, file_findings, file_import
from jiedian.people.queries import actor, may, person
from jiedian.shell.shell import business_now, page

from .calc.mapping import read_mapping
from .queries import mappings


@page("history.view")
def history(request: HttpRequest) -> HttpResponse:
    """Every batch, and for those who may, the form that checks a new table."""
    context = {
        **_shelf(),
        "may_import": may(request.user, "history.import").may,
    }
    return render(request, "history/history.html", context)


def _shelf() -> dict[str, object]:
    """The batches there are, and the mappings to choose from."""
    known = mappings()
    batches = listed("history")
    return {"batches": batches, "mappings": known, "choices": [(name, name) for name in known]}


@require_POST
@page("history.import")
def history_new(request: HttpRequest) -> HttpResponse:
    """Hand a table in; the worker reads it and nothing is imported yet."""
    file, own = request.FILES.get("file"), request.FILES.get("mapping_file")
    if not isinstance(file, UploadedFile):
        raise refuse("upload.none")
    if isinstance(own, UploadedFile):
        mapping = decode(own.read())
    else:
        mapping = mappings().get(request.POST.get("mapping", ""), "")
    try:
        label = read_mapping(mapping, name="mapping").name
        batch = hand_in(
            "history",
            file,
            name=file.name or "table.csv",
            options={"mapping": mapping, "label": label},
            actor=actor(person(request.user.pk)),
            at=business_now(),
        )
    except Refused as refusal:
        context = {
            **_shelf(),
            "may_import": True,
            "findings": refusal.words(get_language() or "zh-hans"),
        }
        return render(request, "history/history.html", context, status=422)
    return redirect("history_batch", batch.pk)


@page("history.view")
def history_batch(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """One table: its page is that of every file handed in."""
    return file_import(request, batch_id)


@page("history.view")
def history_findings(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """Every finding of a table as CSV, in both languages."""
    return file_findings(request, batch_id)


@require_POST
@page("history.import")
def history_act(request: HttpRequest, batch_id: int, act: str) -> HttpResponseBase:
    """Order the import of a checked table, or take an imported one back."""
    return file_act(request, batch_id, act)
