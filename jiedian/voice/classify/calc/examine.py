"""Examine a way of classifying on texts it never saw, and beside it what simpler ways would reach."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .accuracy import calibration, coverage_curve, score
from .classify import GROUP_OF, STEPS, Guess, Keywords, Sample, plain, train


@dataclass(frozen=True)
class ExamText:
    """A held-out text with its labels and the channel it came by."""

    sample: Sample
    channel: str


def examine(guesses: Sequence[Guess], held: Sequence[ExamText], *, wider: bool = True) -> dict[str, Any]:
    """Everything the page shows about one set of held-out texts, as plain numbers that can be kept.

    ``right`` has a mark a text (1: leaf right), so that two versions can be compared text by text later.
    """
    leaf = [h.sample.leaf for h in held]
    right = [g.leaf == truth for g, truth in zip(guesses, leaf, strict=True)]
    found = asdict(score(leaf, [g.leaf for g in guesses], list(GROUP_OF)))
    found["group_accuracy"] = _share(
        GROUP_OF[truth] == g.group for g, truth in zip(guesses, leaf, strict=True)
    )
    if not wider:
        return found
    steps = score([h.sample.step for h in held], [g.step for g in guesses], list(STEPS))
    confidence = [g.confidence for g in guesses]
    error, bins = calibration(confidence, right)
    trusted = [ok for ok, g in zip(right, guesses, strict=True) if g.is_trusted]
    return found | {
        "step": {
            "accuracy": steps.accuracy,
            "macro_f1": steps.macro_f1,
            "low": steps.low,
            "high": steps.high,
        },
        "curve": [asdict(point) for point in coverage_curve(confidence, right)],
        "calibration_error": error,
        "bins": [list(b) for b in bins],
        "trusted": {"coverage": len(trusted) / len(held), "accuracy": _share(trusted)},
        "channels": _by_channel(held, guesses),
        "right": "".join("1" if ok else "0" for ok in right),
    }


def baselines(
    train_on: Sequence[Sample], held: Sequence[Sample], keywords: Sequence[Keywords]
) -> dict[str, float]:
    """Accuracy over the leaves of always naming the most frequent one, and of counting keyword hits alone."""
    most = Counter(told.leaf for told in train_on).most_common(1)[0][0]
    guessed = [by_keywords(told.text, keywords) or most for told in held]
    return {
        "majority": _share(told.leaf == most for told in held),
        "keywords": _share(told.leaf == guess for told, guess in zip(held, guessed, strict=True)),
    }


def by_keywords(text: str, keywords: Sequence[Keywords]) -> str:
    """The leaf whose rules hit most words; empty when none does."""
    hits: Counter[str] = Counter()
    held = plain(text)
    for rule in keywords:
        if rule.target in GROUP_OF:
            hits[rule.target] += sum(word in held for word in rule.words)
    best = hits.most_common(1)
    return best[0][0] if best and best[0][1] else ""


def across_authors(
    told: Sequence[Sample], keywords: Sequence[Keywords], *, trusted_accuracy: float
) -> list[dict[str, Any]]:
    """Leave each author out in turn: accuracy on all his texts of a machine that read only the others."""
    found = []
    for author in sorted({t.author for t in told}):
        inside = [t for t in told if t.author != author]
        outside = [t for t in told if t.author == author]
        guesses = train(inside, keywords, trusted_accuracy=trusted_accuracy).guesses(
            [t.text for t in outside]
        )
        held = examine(guesses, [ExamText(t, "") for t in outside], wider=False)
        kept = {name: held[name] for name in ("n", "accuracy", "macro_f1", "low", "high", "group_accuracy")}
        steps = _share(g.step == t.step for g, t in zip(guesses, outside, strict=True))
        found.append(kept | {"author": author, "step_accuracy": steps})
    return found


def _by_channel(held: Sequence[ExamText], guesses: Sequence[Guess]) -> list[dict[str, Any]]:
    """Accuracy and macro-F1 of each channel, over the leaves that occur in it; few texts make a wide interval."""
    found = []
    for name in sorted({h.channel for h in held}):
        pairs = [(h.sample.leaf, g.leaf) for h, g in zip(held, guesses, strict=True) if h.channel == name]
        told = score([truth for truth, _ in pairs], [guess for _, guess in pairs], list(GROUP_OF))
        kept = {"accuracy": told.accuracy, "macro_f1": told.macro_f1, "low": told.low, "high": told.high}
        found.append({"id": name, "n": told.n} | kept)
    return found


def _share(marks: Any) -> float:
    """The share of true marks; 0 of none, so that the figure can be kept as JSON."""
    held = list(marks)
    return float(np.mean(held)) if held else 0.0
