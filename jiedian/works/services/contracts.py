"""Verbs of the contract: draft it from the accepted scheme, freeze its text, sign it."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from jiedian.cases.case.models.case import Case
from jiedian.cases.case.models.feed_in import feed_in_mode
from jiedian.clocks.services import local_day
from jiedian.core.findings import refuse
from jiedian.core.words import volts
from jiedian.ground.journal.services import SYSTEM, record
from jiedian.ground.vault.services import store_bytes
from jiedian.shell.typeset import pdf
from jiedian.supply.scheme.models import Scheme
from jiedian.supply.scheme.queries.sheet import line_in

from ..models import Contract, ContractText
from ..queries import letter_head


@transaction.atomic
def draft_text(case: Case, *, number: str = "", at: datetime) -> Contract:
    """The contract with its number and its text, frozen. Drafted again it waits for a signature anew."""
    Case.objects.select_for_update().get(pk=case.pk)
    number = number.strip() or f"HT-{case.number}"
    if other := Contract.objects.filter(number=number).exclude(case=case).select_related("case").first():
        raise refuse("contract.taken", number=number, case=other.case.number)
    drafted = {
        "number": number,
        "drafted_at": at,
        "signed_at": None,
        "signatory": "",
        "signed_sha256": "",
        "is_signed_by_code": False,
    }
    contract, _ = Contract.objects.update_or_create(case=case, defaults=drafted)
    version = (contract.texts.aggregate(last=Max("version"))["last"] or 0) + 1
    frozen = [_freeze(contract, language, version=version, at=at) for language in _languages(case)]
    sha256 = [text.sha256 for text in frozen]
    record("contract.drafted", stream=case.stream, actor=SYSTEM, at=at, data={"sha256": sha256})
    return contract


def contract_of(case: Case, *, at: datetime) -> Contract:
    """The contract that waits for a signature; a resident's is drafted as soon as it is asked for."""
    held = Contract.objects.filter(case=case).first()
    return (
        held if held and held.texts.exists() else draft_text(case, number=held.number if held else "", at=at)
    )


def _languages(case: Case) -> list[str]:
    """Chinese is the contract; a customer who reads English gets it beside it."""
    return ["zh-hans"] if case.customer.language.startswith("zh") else ["zh-hans", "en"]


def capacity_of(case: Case, scheme: Scheme | None) -> Decimal:
    """The capacity contracted: that of the scheme the customer accepted, else what he applied for."""
    return scheme.capacity_kva if scheme else case.capacity_kva


def _freeze(contract: Contract, language: str, *, version: int, at: datetime) -> ContractText:
    case = contract.case
    scheme = case.schemes.filter(state=Scheme.State.ACCEPTED).first()
    told = {
        "contract": contract.number,
        "supply_point": scheme.supply_point if scheme else "",
        "boundary": scheme.boundary if scheme else "",
        "tariff": scheme.tariff if scheme else "",
        "address": case.address,
        "voltage": volts(case.voltage_kv),
        "capacity": f"{capacity_of(case, scheme).normalize():f} {case.unit}",
        "feeds": feed_in_mode(case),
        "metered": line_in(scheme, "feed_in", "meter", language.startswith("zh")) if scheme else "",
    }
    content = pdf("contract", {**letter_head(case, language, on=local_day(at)), **told})
    name = f"{case.number}-contract-v{version}-{language}.pdf"
    upload = store_bytes(content, name=name, subject=case.number, at=at, purpose="contract")
    return ContractText.objects.create(
        contract=contract,
        version=version,
        language=language,
        upload=upload,
        sha256=upload.sha256,
        frozen_at=at,
    )


def sign(contract: Contract, *, signatory: str, is_by_code: bool, at: datetime) -> None:
    """Put a name under the text that lies there now. Of two who sign, one does."""
    text = contract.texts.filter(language="zh-hans").first()
    moved = Contract.objects.filter(pk=contract.pk, signed_at__isnull=True).update(
        signed_at=at,
        signatory=signatory,
        signed_sha256=text.sha256 if text else "",
        is_signed_by_code=is_by_code,
    )
    if not moved:
        raise refuse("contract.signed")
