"""The reference of a request: what a person reads out when a page failed, and what stands beside the same failure in the log."""

import logging
import secrets
from contextvars import ContextVar, Token

LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
"""What is not mistaken for something else on the telephone."""
_reference: ContextVar[str] = ContextVar("reference", default="-")


def reference() -> str:
    """The reference of the request that is being answered; ``-`` outside one."""
    return _reference.get()


def begin() -> Token[str]:
    """A new reference for what is begun now; ``end`` takes the token."""
    return _reference.set("".join(secrets.choice(LETTERS) for _ in range(8)))


def end(token: Token[str]) -> None:
    """The reference before this one holds again."""
    _reference.reset(token)


class ReferenceFilter(logging.Filter):
    """Puts the reference beside every line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.reference = reference()
        return True
