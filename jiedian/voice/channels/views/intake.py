"""Staff bring in what machines cannot: keyed-in visits, hotline files, scanned letters."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused, refuse
from jiedian.ground.files.queries import listed
from jiedian.ground.files.services import hand_in, undo_of
from jiedian.people.queries import actor, person
from jiedian.shell.shell import business_now, page
from jiedian.voice.inbox.calc.contacts import case_numbers, phones
from jiedian.voice.inbox.models.tellings import Batch, Contact, Scan
from jiedian.voice.inbox.services.channels import Incoming, hear

from .. import queries
from ..forms import ConfirmForm, KeyInForm, ScanForm, TicketsForm
from ..services.hotline import undo_import
from ..services.scans import Transcript, confirm_scan, dismiss_scan, take_scan


def _language() -> str:
    return get_language() or "zh-hans"


@page("voice.work")
def key_in(request: HttpRequest) -> HttpResponse:
    """Write down what a customer said, in the hall or on the road."""
    form = KeyInForm(request.POST or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        data, at = form.cleaned_data, business_now()
        heard = Incoming(
            channel=data["channel"],
            external_id=data["token"],
            text=data["text"],
            received_at=at,
            sender=data["phone"],
            sender_kind=Contact.Kind.PHONE,
            sender_name=data["name"],
            case_number=data["case_number"].strip(),
            place=data["place"],
            is_complaint=data["is_complaint"],
        )
        try:
            if not phones(data["phone"]):
                raise refuse("contact.phone")
            telling, _is_new = hear(heard, actor=actor(person(request.user.pk)), at=at)
            return redirect("concern", telling.concern.number)
        except Refused as refusal:
            findings = refusal.words(_language())
    context = {"form": form, "title": _("登记诉求"), "findings": findings}
    return render(request, "shell/form.html", context, status=422 if form.errors or findings else 200)


@page("voice.import")
def batches(request: HttpRequest) -> HttpResponse:
    """Hand a file of tickets in, and see what became of the earlier ones."""
    form = TicketsForm(request.POST or None, request.FILES or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = hand_in(
                "tickets",
                file,
                name=file.name or "tickets.csv",
                options={"channel": form.cleaned_data["channel"]},
                actor=actor(person(request.user.pk)),
                at=business_now(),
            )
            return redirect("file_import", row.pk)
        except Refused as refusal:
            findings = refusal.words(_language())
    context = {
        "form": form,
        "findings": findings,
        "batches": queries.read_batches(),
        "files": listed("tickets", n=30),
    }
    return render(request, "channels/batches.html", context, status=422 if form.errors or findings else 200)


@require_POST
@page("voice.import")
def batch_undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Take a file back."""
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise refuse("missing.batch")
    who, at = actor(person(request.user.pk)), business_now()
    gone = undo_of("tickets", batch.pk, actor=who, at=at)
    if gone is None:
        gone = undo_import(batch, actor=who, at=at)
    messages.success(request, _("已撤销，移除 {n} 条。").format(n=gone))
    return redirect("batches")


@page("voice.import")
def scans(request: HttpRequest) -> HttpResponse:
    """Letters and faxes: take one in, see which wait for a person."""
    form = ScanForm(request.POST or None, request.FILES or None)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            take_scan(
                file,
                name=file.name or "",
                channel=form.cleaned_data["channel"],
                actor=actor(person(request.user.pk)),
                at=business_now(),
            )
            messages.success(request, _("已收件，正在识别。"))
            return redirect("scans")
        except Refused as refusal:
            findings = refusal.words(_language())
    context = {
        "form": form,
        "findings": findings,
        "scans": queries.kept_scans(),
    }
    return render(request, "channels/scans.html", context, status=422 if form.errors or findings else 200)


@page("voice.import")
def scan(request: HttpRequest, scan_id: int) -> HttpResponse:
    """The picture and the text side by side; a person puts the text right and confirms."""
    found = Scan.objects.select_related("upload", "telling__concern").filter(pk=scan_id).first()
    if found is None:
        raise refuse("missing.scan")
    first = {
        "text": found.text,
        "phone": next(iter(phones(found.text)), ""),
        "case_number": next(iter(case_numbers(found.text)), ""),
    }
    form = ConfirmForm(request.POST or None, initial=first)
    findings: list[str] = []
    if request.method == "POST":
        who, at = actor(person(request.user.pk)), business_now()
        try:
            if request.POST.get("act") == "dismiss":
                dismiss_scan(found, actor=who)
                return redirect("scans")
            if form.is_valid():
                telling = confirm_scan(found, Transcript(**form.cleaned_data), actor=who, at=at)
                return redirect("concern", telling.concern.number)
        except Refused as refusal:
            findings = refusal.words(_language())
    context = {"scan": found, "form": form, "findings": findings, "concern": queries.concern_of(found)}
    return render(request, "channels/scan.html", context, status=422 if form.errors or findings else 200)
