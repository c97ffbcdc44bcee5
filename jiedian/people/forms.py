"""Forms of duty."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from jiedian.shell.kit.fields import day_input
from jiedian.shell.kit.names import name_of
from jiedian.shell.templatetags.label_tags import class_name

from .models import Department, User
from .queries import answers_for, areas, by_name, roles
from .queries.deputies import NO_DESK, deputies_for
from .services.accounts import Account, DutyDraft

DAY = day_input()


class ByDepartment(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]
    """The people of a list under the names of their departments."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        people = sorted(self.queryset, key=lambda user: user.department_id or 0)
        names = Counter(name_of(user) for user in people)
        self.field.namesakes = {name for name, n in names.items() if n > 1}  # type: ignore[attr-defined]
        for department, users in groupby(people, key=lambda user: user.department):
            yield (name_of(department) or "—", [self.choice(user) for user in users])


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among people, in the reader's language, by department; people of one name with their accounts."""

    iterator = ByDepartment
    namesakes: set[str] = set()  # noqa: RUF012 - one set a choice
    default_error_messages = {"invalid_choice": _("此人办不了这件事或不在您的范围；请从列表中选人")}

    def label_from_instance(self, obj: Any) -> str:
        name = name_of(obj)
        return f"{name}（{obj.username}）" if name in self.namesakes else name

    def offer(self, people: QuerySet[User]) -> None:
        """Offer these people by name."""
        self.queryset = by_name(people.select_related("department"))


class DeputyField(PersonField):
    """A choice among those who may stand in; whoever answers for the same areas is in the first group."""

    same_area: frozenset[int] = frozenset()

    def offer_for(self, user: User, *, on: date) -> None:
        """Offer who may do the work of a person."""
        able = deputies_for(user, on=on)
        self.same_area = frozenset(row.user.pk for row in able if row.is_same_area)
        self.offer(User.objects.filter(pk__in=[row.user.pk for row in able]))

    def label_from_instance(self, obj: Any) -> str:
        mark = "" if obj.pk in self.same_area else _now("（另一区域）")
        return super().label_from_instance(obj) + mark


class AbsenceForm(forms.Form):
    """Form of an absence: who is away, when, and who of those who may stands in."""

    user = PersonField(User.objects.none(), label=_("缺席人"))
    deputy = DeputyField(
        User.objects.none(),
        label=_("代理人"),
        required=False,
        help_text=_("只列能办他的工作的人；不选则由同岗的人或部门负责人承接"),
    )
    from_on = forms.DateField(label=_("自"), widget=DAY)
    until_on = forms.DateField(label=_("至（含）"), widget=DAY)
    new_stay = forms.BooleanField(
        label=_("缺席期间新到的环节由代理人办完"),
        required=False,
        help_text=_("不勾选时，返岗当天未办完的环节都交还本人"),
    )

    def __init__(self, *args: Any, me: User, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].offer(away_able(me))  # type: ignore[attr-defined]
        self.fields["user"].widget = self.fields["user"].hidden_widget()
        self.initial["user"] = user.pk
        self.fields["deputy"].offer_for(user, on=on)  # type: ignore[attr-defined]


def away_able(me: User) -> QuerySet[User]:
    """Staff with a desk whose absence a person may register."""
    people = answers_for(me).filter(department__isnull=False)
    return people.exclude(roles__contained_by=sorted(NO_DESK - {"administrator"}))


class HandoverForm(forms.Form):
    """Form of a handover: whose desk goes to whom; only who has his roles is offered."""

    from_user = PersonField(User.objects.none(), label=_("交出"))
    to_user = PersonField(
        User.objects.none(),
        label=_("承接"),
        help_text=_("只列有他全部角色的人；没有合适的人时，请管理员先给承接人加角色"),
    )

    def __init__(self, *args: Any, me: User, receivers: Iterable[int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = User.objects.filter(is_active=True, department__isnull=False)
        if receivers is not None:
            able = able.filter(pk__in=list(receivers))
        self.fields["from_user"].offer(answers_for(me))  # type: ignore[attr-defined]
        self.fields["from_user"].widget = self.fields["from_user"].hidden_widget()
        self.fields["to_user"].offer(able.exclude(roles__contained_by=["visitor"]))  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """Form of an account: names, department, roles, number at the office."""

    name_zh = forms.CharField(label=_("姓名"), max_length=40)
    name_en = forms.CharField(label=_("英文名"), max_length=60)
    department = forms.ModelChoiceField(Department.objects.order_by("id"), label=_("部门"))
    roles = forms.MultipleChoiceField(label=_("角色"), widget=forms.CheckboxSelectMultiple)
    phone = forms.CharField(
        label=_("办公电话"),
        max_length=24,
        required=False,
        help_text=_("会告诉客户；请填办公电话，不填私人手机"),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["roles"].choices = [(row.id, name_of(row)) for row in roles()]  # type: ignore[attr-defined]
        self.fields["department"].label_from_instance = name_of  # type: ignore[attr-defined]
        if user:
            told = ("name_zh", "name_en", "department", "roles", "phone")
            self.initial = {name: getattr(user, name) for name in told} | dict(self.initial)

    def account(self) -> Account:
        """The account as it was typed."""
        values = self.cleaned_data
        name = self.user.username if self.user else values["username"]
        said = (name, values["name_zh"], values["name_en"], values["department"])
        return Account(*said, tuple(values["roles"]), values["phone"])


class NewPersonForm(AccountForm):
    """Form of a new person: his account, and what he answers for."""

    username = forms.CharField(label=_("账号"), max_length=150, help_text=_("登录用，如工号"))
    areas = forms.MultipleChoiceField(
        label=_("负责的区域"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选则各区域都负责；以后可在他的页面按区域、电压、类别调整"),
    )
    voltage = forms.ChoiceField(label=_("电压"), required=False)
    field_order = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = areas()  # type: ignore[attr-defined]
        self.fields["voltage"].choices = _voltages()  # type: ignore[attr-defined]

    def duties(self) -> list[DutyDraft]:
        """The duties as they were typed: each role in each area."""
        values = self.cleaned_data
        return [
            DutyDraft(role, area, values["voltage"])
            for role in values["roles"]
            for area in values["areas"] or [""]
        ]


class DutyForm(forms.Form):
    """Form of a duty that begins today; an empty choice means any."""

    role = forms.ChoiceField(label=_("岗位"))
    area = forms.ChoiceField(label=_("区域"), required=False)
    voltage = forms.ChoiceField(label=_("电压"), required=False)
    customer_class = forms.ChoiceField(label=_("客户类别"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {row.id: name_of(row) for row in roles()}
        classes = [(code, class_name(code)) for code in CLASSES]
        for name, choices in {
            "role": [(role, names.get(role, role)) for role in user.roles],
            "area": [("", _now("不限")), *areas()],
            "voltage": _voltages(),
            "customer_class": [("", _now("不限")), *classes],
        }.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def draft(self) -> DutyDraft:
        """The duty as it was typed."""
        return DutyDraft(**self.cleaned_data)


CLASSES = ("RES", "LVN", "LV0", "HV1", "HV2", "PV", "PVH")


def _voltages() -> list[tuple[str, str]]:
    return [("", _now("不限")), ("LV", _now("低压")), ("HV", _now("高压"))]
