"""Sign-in of the demo, who answers for what, absences and hand-over."""

from collections.abc import Iterable
from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import login
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused, refuse
from jiedian.core.sheets import csv_bytes
from jiedian.ground.files.models import FileImport
from jiedian.ground.files.queries import listed
from jiedian.ground.files.services import hand_in
from jiedian.shell.kit.names import name_of as name
from jiedian.shell.shell import business_now, page
from jiedian.shell.tables import table_response, wanted_file
from jiedian.shell.templatetags.label_tags import fact_name

from ..imports import COLUMNS, made_by
from ..models import Absence, Call, Department, User
from ..queries import actor, answering, answers_for, home_of, person
from ..services import hand_out_passwords
from ..templatetags.people_tags import area_name, role_name


class SignInView(LoginView):  # type: ignore[misc]
    """Password and second factor; in the demo its people are one click away."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = User.objects.filter(is_active=True).select_related("department").order_by("id")
        return {**super().get_context_data(**kwargs), "demo_people": people if settings.DEMO else []}


@page("public")
def closed(request: HttpRequest) -> HttpResponse:
    """Nobody signs himself up; the library only wants the name of the route."""
    raise Http404


@require_POST
@page("public")
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Become one of the demo's people. Outside the demo nothing stands here."""
    if not settings.DEMO:
        raise Http404
    user = User.objects.filter(username=request.POST.get("username", ""), is_active=True).first()
    if user is None:
        raise Http404
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if is_ours else home_of(user))


@page("people.view")
def people(request: HttpRequest) -> HttpResponse:
    """Page of the people: who answers for what, who is away, what managers called on."""
    departments = Department.objects.prefetch_related("people__duties").order_by("id")
    today = localdate(business_now())
    rows = Absence.objects.filter(is_called_off=False).select_related("user", "deputy")
    absences = rows.filter(until_on__gte=today).order_by("from_on", "id")
    me = person(request.user.pk)
    if kind := wanted_file(request):
        return _file(departments, kind)
    context = {
        "answering": answering(departments),
        "absences": absences,
        "absences_over": rows.filter(until_on__lt=today).order_by("-until_on")[:20],
        "mine": set(answers_for(me).values_list("pk", flat=True)),
        "calls": Call.objects.select_related("manager")[:50],
        "my_department": me.department.code if me.department else "",
    }
    return render(request, "people/people.html", context)


def _file(departments: Iterable[Department], kind: str) -> HttpResponse:
    """Who answers for what, a row a duty."""
    heads = [_("部门"), _("人员"), _("岗位"), _("区域"), _("电压"), _("客户类别"), _("自"), _("至")]
    cells = (
        (
            name(department),
            name(who),
            role_name(duty.role),
            area_name(duty.area),
            {"LV": _("低压"), "HV": _("高压")}.get(duty.voltage, ""),
            fact_name(f"class.{duty.customer_class}") if duty.customer_class else "",
            duty.effective_from,
            duty.effective_to,
        )
        for department in departments
        for who in department.people.all()
        for duty in who.duties.all()
    )
    return table_response("people", heads, cells, kind=kind, title=_("人员"))


@page("people.bring")
def staff_files(request: HttpRequest) -> HttpResponse:
    """Hand in a staff file; the worker reads it, and nobody is made before it is looked at."""
    findings: list[str] = []
    if request.method == "POST":
        try:
            return redirect("file_import", _handed(request).pk)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
    files = listed("people")
    waiting = made_by(*files)
    context = {
        "files": files,
        "findings": findings,
        "columns": COLUMNS,
        "waiting": [(row, len(waiting[row.pk])) for row in files if row.pk in waiting],
    }
    return render(request, "people/staff_files.html", context, status=422 if findings else 200)


def _handed(request: HttpRequest) -> FileImport:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("upload.none")
    who = actor(person(request.user.pk))
    return hand_in("people", file, name=file.name or "staff.csv", options={}, actor=who, at=business_now())


@require_POST
@page("people.bring")
def staff_passwords(request: HttpRequest, import_id: int) -> HttpResponse:
    """First passwords of the accounts a staff file made, as CSV: shown once, kept nowhere, new ones each time."""
    row = FileImport.objects.filter(pk=import_id, kind="people", state=FileImport.State.IMPORTED).first()
    if row is None:
        raise Http404
    who = actor(person(request.user.pk))
    made = hand_out_passwords(made_by(row).get(row.pk, []), actor=who, at=business_now())
    answer = HttpResponse(
        csv_bytes([_("登录名"), _("首次登录密码")], made), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="passwords-{row.pk}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
