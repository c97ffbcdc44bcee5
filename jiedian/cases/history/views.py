"""Bring your history: choose a table and its mapping, see what is wrong, import, take back."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.cases.case.models.batch import Batch
from jiedian.cases.case.models.case import Case
from jiedian.core.findings import Refused, refuse
from jiedian.core.sheets import decode
from jiedian.core.tables import csv_bytes
from jiedian.people.queries import actor, may, person
from jiedian.shell.shell import business_now, page, real_now

from . import services
from .queries import batch_for, late_of, mappings

SHOWN_FINDINGS = 100


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
    batches = list(Batch.objects.defer("findings", "mapping")[:100])
    return {"batches": batches, "mappings": known, "choices": [(name, name) for name in known]}


@require_POST
@page("history.import")
def history_new(request: HttpRequest) -> HttpResponse:
    """Check a table; nothing is imported yet."""
    file, own = request.FILES.get("file"), request.FILES.get("mapping_file")
    if not isinstance(file, UploadedFile):
        raise refuse("upload.none")
    if isinstance(own, UploadedFile):
        mapping = decode(own.read())
    else:
        mapping = mappings().get(request.POST.get("mapping", ""), "")
    try:
        batch, _reading = services.check(
            file.read(),
            name=file.name or "table.csv",
            mapping=mapping,
            actor=actor(person(request.user.pk)),
            at=business_now(),
            now=real_now(),
        )
    except Refused as refusal:
        context = {
            **_shelf(),
            "may_import": True,
            "findings": refusal.words(get_language() or "zh-hans"),
        }
        return render(request, "history/history.html", context, status=422)
    return redirect("history_batch", batch.pk)


def _batch(batch_id: int) -> Batch:
    batch = batch_for(batch_id)
    if batch is None:
        raise Http404
    return batch


@page("history.view")
def history_batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One table: what it would bring or brought, every finding, import and undo."""
    batch = _batch(batch_id)
    is_zh = (get_language() or "zh").startswith("zh")
    findings = [(where, zh if is_zh else en) for _code, zh, en, where in batch.findings]
    context = {
        "batch": batch,
        "found": findings[:SHOWN_FINDINGS],
        "n_findings": len(findings),
        "left_out_state": "warn" if batch.left_out else "",
        "late": late_of(batch) if batch.state == Batch.State.IMPORTED else None,
        "running": Case.objects.filter(batch=batch, state=Case.State.RUNNING).count(),
    }
    return render(request, "history/history_batch.html", context)


@page("history.view")
def history_findings(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Every finding of a table as CSV, in both languages."""
    batch = _batch(batch_id)
    rows = [(where, code, zh, en) for code, zh, en, where in batch.findings]
    answer = HttpResponse(
        csv_bytes(["where", "code", "zh", "en"], rows), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="findings-{batch.pk}.csv"'
    return answer


@require_POST
@page("history.import")
def history_act(request: HttpRequest, batch_id: int, act: str) -> HttpResponse:
    """Order the import of a checked table, or take an imported one back."""
    batch, who, at = _batch(batch_id), actor(person(request.user.pk)), business_now()
    try:
        if act == "import":
            services.ask(batch, without_bad=request.POST.get("without_bad") == "1", actor=who, at=at)
        elif act == "undo":
            gone = services.undo(batch, actor=who, at=at)
            messages.success(request, _("已撤销，移除 %(n)s 件。") % {"n": gone})
        else:
            raise Http404
    except Refused as refusal:
        for words in refusal.words(get_language() or "zh-hans")[:5]:
            messages.error(request, words)
    return redirect("history_batch", batch.pk)
