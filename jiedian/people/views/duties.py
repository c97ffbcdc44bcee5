"""Pages of absences and of the hand-over of a desk."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiedian.core.findings import Refused
from jiedian.core.workdays import local_day
from jiedian.shell.kit.names import name_of
from jiedian.shell.shell import business_now, page, whole_number

from ..forms import AbsenceForm, HandoverForm, away_able
from ..models import Absence, User
from ..queries import actor, answers_for, by_name, person
from ..queries.deputies import in_force
from ..services.absences import AbsencePlan, change_absence, end_absence, register_absence
from ..services.desks import hand_over


@page("people.duty")
def absence(request: HttpRequest) -> HttpResponse:
    """Register an absence: first who is away, then when, and who of those who may stands in."""
    me, at = person(request.user.pk), business_now()
    people = away_able(me)
    asked = request.POST.get("user") or request.GET.get("user")
    chosen = people.filter(pk=whole_number(asked) if asked else me.pk).first()
    if chosen is None:
        return _choose(request, "absence", people, _("谁缺席？"))
    form = AbsenceForm(request.POST or None, me=me, user=chosen, on=local_day(at))
    if request.method == "POST" and form.is_valid():
        plan = _plan(form)
        try:
            register_absence(chosen, plan, actor=actor(me), at=at)
        except Refused as refusal:
            return _absence_page(request, form, chosen, plan=plan, refusal=refusal)
        messages.success(request, _("已登记缺席。到日子自动移交，返岗当天自动交还。"))
        return redirect("people")
    return _absence_page(request, form, chosen)


def _choose(request: HttpRequest, view: str, people: QuerySet[User], title: str) -> HttpResponse:
    """The page that asks whose it is first."""
    context = {"people": by_name(people.select_related("department")), "view": view, "title": title}
    return render(request, "people/choose.html", context, status=422 if request.method == "POST" else 200)


def _plan(form: AbsenceForm) -> AbsencePlan:
    values = form.cleaned_data
    return AbsencePlan(values["from_on"], values["until_on"], values["deputy"], values["new_stay"])


def _absence_page(
    request: HttpRequest,
    form: AbsenceForm,
    user: User,
    *,
    plan: AbsencePlan | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    """The form with what was typed; an absence that is in the way can be changed from here."""
    in_the_way = []
    if plan and refusal:
        held = Absence.objects.filter(user=user, is_called_off=False, returned_at=None)
        in_the_way = list(held.filter(from_on__lte=plan.until_on, until_on__gte=plan.from_on))
    stands_in = Absence.objects.filter(
        deputy=user, is_called_off=False, returned_at=None, until_on__gte=local_day(business_now())
    )
    context = {
        "form": form,
        "user_away": user,
        "findings": refusal.words(get_language() or "zh-hans") if refusal else [],
        "in_the_way": in_the_way,
        "stands_in": list(stands_in.select_related("user")),
    }
    return render(request, "people/absence.html", context, status=422 if refusal or form.errors else 200)


@page("people.duty")
def absence_change(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Change the deputy or the days of an absence that is not over."""
    me, at = person(request.user.pk), business_now()
    held = _own_absence(me, absence_id)
    initial = {
        "deputy": held.deputy_id,
        "from_on": held.from_on,
        "until_on": held.until_on,
        "new_stay": held.new_stay,
    }
    posted = request.POST.dict() | {"user": held.user_id} if request.method == "POST" else None
    form = AbsenceForm(posted, me=me, user=held.user, on=local_day(at), initial=initial)
    if request.method == "POST" and form.is_valid():
        plan = _plan(form)
        try:
            change_absence(held, plan, actor=actor(me), at=at)
        except Refused as refusal:
            return _absence_page(request, form, held.user, refusal=refusal)
        messages.success(request, _("已修改缺席；已移交的工作随之调整。"))
        return redirect("people")
    return _absence_page(request, form, held.user)


@require_POST
@page("people.duty")
def absence_end(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Somebody is back, or does not go at all."""
    me = person(request.user.pk)
    end_absence(_own_absence(me, absence_id), actor=actor(me), at=business_now())
    messages.success(request, _("已结束缺席，代理人未办完的工作交还本人。"))
    return redirect("people")


def _own_absence(me: User, absence_id: int) -> Absence:
    """The absence, if this person answers for whoever is away, or is the deputy who would give it back."""
    held = Absence.objects.select_related("user__department", "deputy").filter(pk=absence_id).first()
    if held is None or not (answers_for(me).filter(pk=held.user_id).exists()):
        raise Http404
    return held


@page("people.handover")
def handover(request: HttpRequest) -> HttpResponse:
    """Hand a desk over to somebody who has the roles for it."""
    me, at = person(request.user.pk), business_now()
    asked = request.POST.get("from_user") or request.GET.get("user")
    leaving = answers_for(me).filter(pk=whole_number(asked)).first()
    if leaving is None:
        return _choose(request, "handover", answers_for(me), _("交接谁的工作台？"))
    initial = {"from_user": leaving.pk}
    form = HandoverForm(request.POST or None, me=me, receivers=_receivers(leaving), initial=initial)
    findings: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            moved = hand_over(**form.cleaned_data, actor=actor(me), at=at)
        except Refused as refusal:
            findings = refusal.words(get_language() or "zh-hans")
        else:
            told = "已交接 %(n)d 件环节与诉求；职责自今日起换人，以前由谁负责仍可查。"
            messages.success(request, ngettext(told, told, moved) % {"n": moved})
            return redirect("people")
    context = {"form": form, "title": f"{_('交接工作台')} · {name_of(leaving)}", "findings": findings}
    status = 422 if form.errors or findings else 200
    return render(request, "shell/form.html", context, status=status)


def _receivers(leaving: User) -> list[int]:
    """Whoever has the roles for a desk."""
    on = local_day(business_now())
    needed = set(in_force(on).filter(user=leaving).values_list("role", flat=True))
    others = User.objects.filter(is_active=True).exclude(pk=leaving.pk)
    return [user.pk for user in others if needed <= set(user.roles)]
