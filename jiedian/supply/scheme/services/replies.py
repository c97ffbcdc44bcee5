"""供电方案答复单: the scheme as the customer is shown it, frozen in both languages with its hash."""

from datetime import datetime
from typing import Any

from django.utils.translation import override

from jiedian.cases.papers.queries import class_in
from jiedian.clocks.services import local_day
from jiedian.ground.journal.services import Actor
from jiedian.ground.rulebook.queries import SHORT
from jiedian.ground.vault.services import store_bytes
from jiedian.shell.typeset import pdf
from jiedian.supply.study.models import Site
from jiedian.supply.study.queries.rules import scheme_rules

from ..models import Reply, Scheme

LANGUAGES = ("zh-hans", "en")


def freeze(scheme: Scheme, *, actor: Actor, at: datetime) -> list[Reply]:
    """Typeset and keep the reply form in both languages."""
    return [_freeze(scheme, language, actor=actor, at=at) for language in LANGUAGES]


def _freeze(scheme: Scheme, language: str, *, actor: Actor, at: datetime) -> Reply:
    case = scheme.case
    content = pdf("scheme", form(scheme, language, actor=actor, at=at))
    name = f"{case.number}-scheme-v{scheme.version}-{language}.pdf"
    upload = store_bytes(content, name=name, subject=case.number, at=at, purpose="scheme")
    return Reply.objects.create(
        scheme=scheme, language=language, upload=upload, sha256=upload.sha256, issued_at=at
    )


def form(scheme: Scheme, language: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Content of the reply: header, sources, parts in the order of the menu, costs, the customer's points, validity."""
    name = "name_zh" if language.startswith("zh") else "name_en"
    by_hand = [[part, "—", "—", "—"] for part in (scheme.supply_point, scheme.standby_point) if part]
    return {
        **_header(scheme, language, actor=actor, at=at),
        "version": scheme.version,
        "voltage": f"{scheme.voltage_kv.normalize():f} kV",
        "valid_until": scheme.valid_until_on.isoformat() if scheme.valid_until_on else "",
        "is_automatic": scheme.is_automatic,
        "sources": [_source(row, name) for row in scheme.sources] or by_hand,
        "blocks": _blocks(scheme, language),
        "costs": [_cost(row, name) for row in scheme.costs],
        "points": [[point.text, scheme.ticked.get(str(point.pk), "")] for point in scheme.case.points.all()],
    }


def _header(scheme: Scheme, language: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    case = scheme.case
    site = Site.objects.filter(case=case).first()
    with override(language):
        use = site.get_use_display() if site else "—"
        importance = str(case.get_importance_display())
    return {
        "lang": language[:2],
        "number": case.number,
        "customer": case.customer.name,
        "title": case.title,
        "class_zh": class_in(case, "zh-hans"),
        "class_en": class_in(case, "en"),
        "capacity_kva": f"{case.capacity_kva:g}",
        "manager": case.account_manager_name,
        "issued_by": actor.name,
        "issued_on": local_day(at).isoformat(),
        "address": case.address,
        "phone": case.customer.phone,
        "importance": importance,
        "use": use,
    }


def _blocks(scheme: Scheme, language: str) -> list[dict[str, Any]]:
    """The parts in the order of the menu, each line with its rules and their status."""
    words = "zh" if language.startswith("zh") else "en"
    return [
        {
            "name": getattr(block, f"name_{words}"),
            "is_required": block.is_required,
            "lines": [
                {"text": m[words], "mark": ", ".join(m["rules"]), "status": _standing(m, language)}
                for m in scheme.modules
                if m["block"] == block.id
            ],
        }
        for block in scheme_rules(local_day(scheme.drafted_at)).blocks
    ]


def _standing(module: dict[str, Any], language: str) -> str:
    """In a word, how well known the rows behind a line are; of a version kept before grades nothing is said."""
    with override(language):
        return str(SHORT.get(module.get("grade", ""), ""))


def _cost(row: dict[str, Any], name: str) -> list[str]:
    money = (row["low_cny"], row["mid_cny"], row["high_cny"])
    return [row[name], f"{row['quantity']:,.0f} {row['unit']}", *money, row["payer"]]


def _source(row: dict[str, Any], name: str) -> list[str]:
    def shown(value: float | None, digits: int) -> str:
        return "—" if value is None else f"{value:.{digits}f}"

    return [
        row[name],
        shown(row["capacity_kw"], 0),
        row["element"] or "—",
        f"{row['length']['mid_m']:.0f}",
    ]
