"""What is wrong, said in both languages. Bad input is answered with the whole list, not the first item."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: a stable code, the words for people, and where it was found."""

    code: str
    zh: str
    en: str
    where: str = ""

    def words(self, language: str) -> str:
        """The sentence in the reader's language (``zh…`` or anything else for English)."""
        text = self.zh if language.startswith("zh") else self.en
        return f"{self.where}: {text}" if self.where else text


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Nothing was done, and here is why."""

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("; ".join(f"{f.code}: {f.words('en')}" for f in self.findings))

    def words(self, language: str) -> list[str]:
        return [finding.words(language) for finding in self.findings]


def refuse(code: str, zh: str, en: str, where: str = "") -> Refused:
    """A refusal with a single finding: ``raise refuse("pause.no_evidence", "…", "…")``."""
    return Refused(Finding(code, zh, en, where))
