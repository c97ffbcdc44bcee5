"""供电方案答复单: the scheme as the customer is shown it, frozen in both languages with its hash."""

from datetime import datetime
from typing import Any

from jiedian.clocks.services import local_day
from jiedian.ground.journal.services import Actor
from jiedian.ground.vault.services import store_bytes
from jiedian.shell.typeset import pdf

from ..models import Reply, Scheme
from ..queries.sheet import form_of

LANGUAGES = ("zh-hans", "en")
"""The Chinese form is the one that counts; the English one says so."""


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
    """Content of the reply as it is typeset: the form, who answers and on which day."""
    return form_of(scheme, language) | {
        "issued_by": "" if scheme.is_automatic else actor.name,
        "issued_on": local_day(at).isoformat(),
    }
