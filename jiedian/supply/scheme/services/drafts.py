"""A new version of a scheme: composed from an option, or entered by a person."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Max

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.queries.reviews import review_reasons
from jiedian.clocks.services import local_day
from jiedian.core.findings import Finding, Refused
from jiedian.core.words import Text
from jiedian.ground.journal.services import Actor
from jiedian.supply.study.calc.ends import weakest_line
from jiedian.supply.study.calc.menu import Module, depth, facts_from_bands, modules
from jiedian.supply.study.calc.scheme import Option
from jiedian.supply.study.calc.supply import SupplyPoint
from jiedian.supply.study.queries.rules import scheme_rules
from jiedian.supply.study.queries.studies import Study

from ..models import Scheme

FIELDS = (
    "supply_point",
    "standby_point",
    "capacity_kva",
    "boundary",
    "metering",
    "ct_ratio",
    "meter_class",
    "tariff",
    "protection",
    "power_quality",
    "duties",
)
ENTERED = {
    "supply_point": "source",
    "boundary": "boundary",
    "protection": "protection",
    "ct_ratio": "metering",
    "tariff": "tariff",
    "power_quality": "quality",
    "duties": "duties",
}
"""Which part of the scheme a field entered by hand fills."""

REASON_AT_LEAST = 6
"""Letters of a reason for going against a rule."""


def _next(case: Case) -> int:
    return int(case.schemes.aggregate(last=Max("version"))["last"] or 0) + 1


def entered(case: Case, values: Mapping[str, Any], *, actor: Actor, at: datetime) -> Scheme:
    """A version whose figures a person entered; the general parts come from the menu, and its depth is counted alike."""
    rules = scheme_rules(local_day(at))
    facts = {
        "sources": "2" if values.get("standby_point") else "1",
        "fee": "by_hand" if values.get("standby_point") else "none",
        "reviewed": "yes" if review_reasons(case) else "no",
    }
    known, why = facts_from_bands(rules.bands, {"kv": float(case.voltage_kv)}, facts, on=rules.on)
    words = {"fee_kva": f"{case.capacity_kva:g}"}
    general = [row for row in rules.modules if row.block in ("completion", "fee", "notice")]
    made = [_kept(module) for module in modules(general, known, words, why, on=rules.on)]
    by_hand = [
        {
            "block": block,
            "zh": str(values[name]),
            "en": str(values[name]),
            "rules": [],
            "grounds": [],
            "grade": "",
        }
        for name, block in ENTERED.items()
        if values.get(name)
    ]
    filled, missing = depth(rules.blocks, [row["block"] for row in [*by_hand, *made]])
    return Scheme.objects.create(
        case=case,
        version=_next(case),
        voltage_kv=case.voltage_kv,
        drafted_by=actor.name,
        drafted_at=at,
        modules=[*by_hand, *made],
        depth=filled,
        missing=list(missing),
        **{name: values.get(name, "") for name in FIELDS},
    )


def _kept(module: Module) -> dict[str, Any]:
    told = {"rules": module.rules, "grade": module.grade, "is_advice": module.is_advice}
    return asdict(module) | told


def composed_version(
    case: Case, study: Study, option: Option, values: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Scheme:
    """A version composed from an option. A contradiction of a rule that decides needs a written reason, which is kept.

    Raises Refused with every such contradiction when no reason is given.
    """
    reason = str(values.get("exception_reason", "")).strip()
    if option.to_explain and len(reason) < REASON_AT_LEAST:
        raise Refused([Finding("scheme.conflict", words=Text(c.zh, c.en)) for c in option.to_explain])
    said = dict(values.get("ticked", {})).items()
    return Scheme.objects.create(
        case=case,
        version=_next(case),
        voltage_kv=case.voltage_kv,
        capacity_kva=case.capacity_kva,
        drafted_by=actor.name,
        drafted_at=at,
        option_key=option.key,
        modules=[_kept(module) for module in option.modules],
        sources=[source(leg.by(option.choices.line)) for leg in option.legs],
        conflicts=[asdict(conflict) | {"is_advice": conflict.is_advice} for conflict in option.conflicts],
        costs=[_money(line) for line in option.costs],
        considered=[_summary(other) for other in study.options],
        ticked={str(key): str(text) for key, text in said if str(text).strip()},
        predicted=_predicted(option),
        depth=option.depth,
        missing=list(option.missing),
        exception_reason=reason[:300] if option.conflicts else "",
        **_texts(option),
    )


def _texts(option: Option) -> dict[str, str]:
    """The plain fields of a version, in the words of the modules."""
    lines: dict[str, str] = defaultdict(str)
    for module in option.modules:
        lines[module.block] = f"{lines[module.block]} {module.zh}".strip()
    return {
        "supply_point": option.legs[0].name_zh[:120],
        "standby_point": "、".join(leg.name_zh for leg in option.legs[1:])[:120],
        "boundary": lines["boundary"][:400],
        "metering": option.facts["metering"],
        "ct_ratio": option.figures["ct_ratio"],
        "meter_class": option.figures["meter_active"],
        "tariff": lines["tariff"][:400],
        "protection": lines["protection"][:800],
        "power_quality": lines["quality"][:800],
        "duties": lines["duties"][:800],
    }


def source(leg: SupplyPoint) -> dict[str, Any]:
    """A point of supply as the version keeps it; what nobody knows is null."""
    row = asdict(leg)
    return {key: None if isinstance(value, float) and value != value else value for key, value in row.items()}


def _money(line: Any) -> dict[str, Any]:
    return {key: str(value) if key.endswith("_cny") else value for key, value in asdict(line).items()}


def _summary(option: Option) -> dict[str, Any]:
    return {
        "key": option.key,
        "points": [leg.name_zh for leg in option.legs],
        "line": option.choices.line,
        "customer_cny": [option.customer.low, option.customer.mid, option.customer.high],
        "company_cny": option.company.mid,
        "days": option.days.mid,
        "reliability": option.reliability.id,
        "rank": list(option.rank),
        "conflicts": [conflict.id for conflict in option.conflicts],
    }


def _predicted(option: Option) -> dict[str, Any]:
    """What can be measured later: voltage at the customer's end (pu), loadings (%), the customer's cost (yuan), working days."""
    legs, customer, days = option.legs, option.customer, option.days
    known = {
        "u_pu": line.u_pu if (line := weakest_line(legs, option.choices.line)) else None,
        "line_percent": max(
            (leg.line_percent for leg in legs if leg.line_percent == leg.line_percent), default=None
        ),
        "trafo_percent": max(
            (leg.trafo_percent for leg in legs if leg.trafo_percent == leg.trafo_percent), default=None
        ),
        "cost": [customer.low, customer.mid, customer.high] if customer.mid else None,
        "days": [days.low, days.mid, days.high],
    }
    return {name: value for name, value in known.items() if value is not None}
