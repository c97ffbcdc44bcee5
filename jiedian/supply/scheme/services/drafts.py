"""A new version of a scheme: composed from an option, or entered by a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Max

from jiedian.cases.case.models.case import Case
from jiedian.clocks.services import local_day
from jiedian.core.findings import Finding, Refused, refuse
from jiedian.core.words import Text
from jiedian.grid.circuit.calc.naming import name_of
from jiedian.ground.journal.services import Actor
from jiedian.supply.bench.queries.why import kept_why
from jiedian.supply.menu.calc.menu import Conflict, depth
from jiedian.supply.menu.calc.supply import SupplyPoint, Wish
from jiedian.supply.study.calc.ends import weakest_line
from jiedian.supply.study.calc.feeding import rules_for
from jiedian.supply.study.calc.scheme import Option, Rules
from jiedian.supply.study.queries.rules import scheme_rules
from jiedian.supply.study.queries.studies import Study

from ..calc.sheet import sheet
from ..models import Scheme
from ..queries.written import FIELDS, in_his_words, kept_line, known_conflicts, scheme_by_hand, spoken_for

REASON_AT_LEAST = 6
"""Letters of a reason for going against a rule."""


def _next(case: Case) -> int:
    return int(case.schemes.aggregate(last=Max("version"))["last"] or 0) + 1


def entered(case: Case, values: Mapping[str, Any], *, actor: Actor, at: datetime) -> Scheme:
    """A version whose points and figures a person entered: the same form as a composed one, with his words where he gave any.

    A contradiction of a rule that decides needs a written reason here too. Raises Refused without one.
    """
    rules = scheme_rules(local_day(at))
    wish, option = scheme_by_hand(case, values, rules, on=local_day(at))
    rules = rules_for(wish, rules)
    conflicts = known_conflicts(option, values, rules)
    reason = _reason(values, [conflict for conflict in conflicts if not conflict.is_advice])
    _use_is_known(wish)
    lines = in_his_words(option, values)
    known = {(line["block"], line["slot"]) for line in lines} | spoken_for(values)
    filled, missing = depth(rules.fields, known, option.facts)
    plain = {name: values.get(name) or "" for name in FIELDS} | {"capacity_kva": values["capacity_kva"]}
    texts = _texts(option)
    for name in ("boundary", "tariff", "protection", "power_quality", "duties", "ct_ratio", "meter_class"):
        plain[name] = plain[name] or texts[name]
    return Scheme.objects.create(
        case=case,
        version=_next(case),
        voltage_kv=case.voltage_kv,
        drafted_by=actor.name,
        drafted_at=at,
        modules=lines,
        conflicts=[_contradiction(conflict) for conflict in conflicts],
        exception_reason=reason,
        content=_content(option, wish, rules, values) | _by_hand(option, values),
        depth=filled,
        missing=list(missing),
        **plain,
    )


def _reason(values: Mapping[str, Any], to_explain: Sequence[Conflict]) -> str:
    """The written reason for going against the rules; refused where one is needed and none, or no sentence, was given."""
    reason = str(values.get("exception_reason") or "").strip()
    if to_explain and len(reason) < REASON_AT_LEAST:
        raise Refused([Finding("scheme.conflict", words=Text(c.zh, c.en)) for c in to_explain])
    return reason


def _use_is_known(wish: Wish) -> None:
    """Refused while nobody has said what the power is used for: its tariff would be a guess printed as a fact. PV draws nothing."""
    if not wish.is_use_told and not wish.is_only_feed_in:
        raise refuse("scheme.use")


def _by_hand(option: Option, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of the lists a person's words replace: a boundary he describes stands nowhere in the model."""
    return {"is_by_hand": True, "boundary": "" if values.get("boundary") else option.facts["boundary"]}


def _content(option: Option, wish: Wish, rules: Rules, values: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of the reply form, with what only a person can say: line of business and whom to call."""
    said = {name: str(values.get(name) or "").strip()[:60] for name in ("industry", "contact")}
    made = sheet(option, wish, rules) | said
    ratio, accuracy = str(values.get("ct_ratio") or ""), str(values.get("meter_class") or "")
    for meter in made["meters"]:
        meter["ct_ratio"] = ratio or meter["ct_ratio"]
        meter["active"] = accuracy or meter["active"]
    return made


def _contradiction(conflict: Conflict) -> dict[str, Any]:
    return asdict(conflict) | {"is_advice": conflict.is_advice}


def composed_version(
    case: Case, study: Study, option: Option, values: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Scheme:
    """A version composed from an option. A contradiction of a rule that decides needs a written reason, which is kept.

    Raises Refused with every such contradiction when no reason is given.
    """
    if option.facts["supply_kv"] == "other":
        told = {name: option.figures[name] for name in ("point_kv", "asked_kv")}
        raise refuse("scheme.other_kv", **told)
    _use_is_known(study.wish)
    reason = _reason(values, option.to_explain)
    said = dict(values.get("ticked", {})).items()
    return Scheme.objects.create(
        case=case,
        version=_next(case),
        voltage_kv=case.voltage_kv,
        capacity_kva=case.capacity_kva,
        drafted_by=actor.name,
        drafted_at=at,
        option_key=option.key,
        modules=[kept_line(module) for module in option.modules],
        sources=[source(leg.by(option.choices.line)) for leg in option.legs],
        conflicts=[_contradiction(conflict) for conflict in option.conflicts],
        content=_content(
            option, study.wish, study.rules, {k: values.get(k) for k in ("industry", "contact")}
        ),
        costs=[_money(line) for line in option.costs],
        considered=[_summary(other) for other in study.options],
        why=kept_why(study, option),
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
        "supply_point": name_of(option.legs[0])[0][:120],
        "standby_point": "、".join(name_of(leg)[0] for leg in option.legs[1:])[:120],
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
