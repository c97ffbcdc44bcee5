"""诉求分类: which leaf of the expectation tree a text belongs to, and which step of the process it is about.

Character 1-3-grams weighted by TF-IDF and the hits of keyword rules go into a linear support-vector machine, one for
the leaf and one for the step. Its margins become probabilities by one factor (temperature), fitted on texts whose
author the machine had not seen; below the confidence at which such texts were right often enough, the guess is not
trusted. See docs/algorithms/classification.md.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Words = NDArray[np.str_]

GROUPS = {
    "worry_free": ("speed", "response", "service", "interaction"),
    "cost": ("investment", "access", "operation"),
    "quality": ("voltage", "frequency", "reliability"),
}
"""省心电, 省钱电, 优质电 and their leaves (capabilities A3)."""
GROUP_OF = {leaf: group for group, leaves in GROUPS.items() for leaf in leaves}
STEPS = ("accept", "survey", "plan", "fee", "contract", "build", "inspect", "energize", "operate")

RECIPE = "2"
"""Changes whenever the code below would train another machine from the same texts."""
LONGEST_GRAM, PENALTY, KEYWORD_WEIGHT = 3, 0.5, 0.1
FEWEST_OF_AN_AUTHOR = 100
"""An author with fewer texts is not left out when calibrating."""
AT_ONCE = 4000


@dataclass(frozen=True)
class Sample:
    """A text with its labels, who wrote it and in which sitting."""

    text: str
    leaf: str
    step: str
    author: str
    thread: str = ""


@dataclass(frozen=True)
class Keywords:
    """A keyword rule: words that speak for a leaf or a step (``target``). The machine learns how loudly."""

    id: str
    target: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Guess:
    """The best guess for a text. ``confidence`` is the calibrated probability that the leaf is right."""

    leaf: str
    step: str
    confidence: float
    step_confidence: float
    is_trusted: bool

    @property
    def group(self) -> str:
        return GROUP_OF[self.leaf]


@dataclass(frozen=True)
class Machine:
    """One linear machine: classes, weights (classes x features), offsets, and the factor from margin to log-odds."""

    classes: Words
    weights: NDArray[np.float32]
    offsets: Reals
    factor: float

    def probabilities(self, features: Any) -> Reals:
        """Shape (texts, classes), rows sum to 1."""
        return softmax(self.factor * (np.asarray(features @ self.weights.T) + self.offsets))


@dataclass(frozen=True)
class Classifier:
    """A trained version: the grams it knows with their weights, the keyword rules, and its two machines.

    ``trusted_from`` is the confidence from which a leaf is trusted; ``coverage`` and ``accuracy`` are what that gave on
    texts of authors left out (NaN when there were none to leave out).
    """

    grams: Words
    idf: Reals
    keywords: tuple[Keywords, ...]
    leaf: Machine
    step: Machine
    trusted_from: float
    coverage: float
    accuracy: float

    def guesses(self, texts: Sequence[str]) -> list[Guess]:
        """A guess a text, in order. A text without Chinese is guessed too, but never trusted: nothing like it was read."""
        return [
            guess
            for start in range(0, len(texts), AT_ONCE)
            for guess in self._some(texts[start : start + AT_ONCE])
        ]

    def _some(self, texts: Sequence[str]) -> Iterator[Guess]:
        held = [plain(text) for text in texts]
        features = self.features(held)
        leaf, step = self.leaf.probabilities(features), self.step.probabilities(features)
        best_leaf, best_step = leaf.argmax(1), step.argmax(1)
        for row, text in enumerate(held):
            confidence = float(leaf[row, best_leaf[row]])
            yield Guess(
                str(self.leaf.classes[best_leaf[row]]),
                str(self.step.classes[best_step[row]]),
                confidence,
                float(step[row, best_step[row]]),
                confidence >= self.trusted_from and has_chinese(text),
            )

    def features(self, held: Sequence[str]) -> Any:
        """The sparse matrix (texts, grams + keyword rules) of texts that ``plain`` has been through."""
        return _beside(self._grams.transform(held), held, self.keywords)

    @cached_property
    def _grams(self) -> Any:
        vectors = _vectors()
        vectors.vocabulary_ = {gram: place for place, gram in enumerate(self.grams.tolist())}
        vectors.idf_ = self.idf
        return vectors

    def reasons(self, text: str, *, most: int = 6) -> list[tuple[str, float]]:
        """Reasons for the guessed leaf: grams and keyword rules with their share of the margin, loudest first."""
        row = self.features([plain(text)]).tocoo()
        best = self.leaf.weights[self.leaf.probabilities(row.tocsr()).argmax(1)[0]]
        names = [*self.grams.tolist(), *(rule.id for rule in self.keywords)]
        told = sorted(
            ((names[c], float(v * best[c])) for c, v in zip(row.col, row.data, strict=True)),
            key=lambda t: -t[1],
        )
        return [(name, share) for name, share in told if share > 0 and name.strip()][:most]


def plain(text: str) -> str:
    """Width and case folded, every number one zero: the machine shall not learn house numbers.

    >>> plain("電壓２３８V，3次")
    '電壓0v,0次'
    """
    return re.sub(r"\d+", "0", unicodedata.normalize("NFKC", text).lower())


def has_chinese(text: str) -> bool:
    """True if there is anything to classify."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def softmax(scores: Reals) -> Reals:
    """Rows to probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fingerprint(told: Sequence[Sample], keywords: Sequence[Keywords], *, trusted_accuracy: float) -> str:
    """Fingerprint of a version's training, as 16 hexadecimal digits: the same again need not be trained again."""
    held = repr(
        (RECIPE, trusted_accuracy, [(t.text, t.leaf, t.step, t.author) for t in told], list(keywords))
    )
    return sha256(held.encode()).hexdigest()[:16]


def train(told: Sequence[Sample], keywords: Sequence[Keywords], *, trusted_accuracy: float) -> Classifier:
    """A version from labelled texts. The same input gives the same version."""
    held = [plain(t.text) for t in told]
    vectors = _vectors()
    features = _beside(vectors.fit_transform(held), held, keywords)
    labels = {"leaf": np.array([t.leaf for t in told]), "step": np.array([t.step for t in told])}
    unseen, leaf_margins, step_margins = _margins_of_unseen_authors(told, held, keywords, labels)
    leaf = _machine(features, labels["leaf"], leaf_margins, labels["leaf"][unseen])
    step = _machine(features, labels["step"], step_margins, labels["step"][unseen])
    probabilities = softmax(leaf.factor * leaf_margins)
    is_right = leaf.classes[probabilities.argmax(1)] == labels["leaf"][unseen]
    trusted_from, coverage, accuracy = trust(probabilities.max(1), is_right, trusted_accuracy)
    grams = np.array(vectors.get_feature_names_out(), dtype=np.str_)
    return Classifier(grams, vectors.idf_, tuple(keywords), leaf, step, trusted_from, coverage, accuracy)


def trust(confidence: Reals, is_right: NDArray[np.bool_], wanted: float) -> tuple[float, float, float]:
    """The lowest confidence from which on the wanted accuracy is reached, with its coverage and accuracy.

    >>> trust(np.array([.9, .8, .4, .3]), np.array([True, True, False, True]), .9)
    (0.8, 0.5, 1.0)
    """
    order = np.argsort(-confidence, kind="stable")
    reached = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(reached >= wanted)
    if not len(good):
        return 1.01, 0.0, float("nan")
    last = good[-1]
    return float(confidence[order[last]]), float((last + 1) / len(order)), float(reached[last])


def _vectors() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, LONGEST_GRAM), sublinear_tf=True, lowercase=False)


def _beside(grams: Any, held: Sequence[str], keywords: Sequence[Keywords]) -> Any:
    """The hits of the keyword rules beside the grams."""
    from scipy.sparse import csr_matrix, hstack

    hits = [[sum(word in text for word in rule.words) for rule in keywords] for text in held]
    scaled = KEYWORD_WEIGHT * np.sqrt(np.array(hits, dtype=float).reshape(len(held), len(keywords)))
    return hstack([grams, csr_matrix(scaled)]).tocsr()


def _fit(features: Any, labels: Words) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=PENALTY, random_state=0).fit(features, labels)


def _machine(features: Any, labels: Words, margins: Reals, truth: Words) -> Machine:
    fitted = _fit(features, labels)
    classes = np.array(fitted.classes_, dtype=np.str_)
    factor = _factor(margins, np.searchsorted(classes, truth))
    return Machine(classes, fitted.coef_.astype(np.float32), fitted.intercept_, factor)


def _factor(margins: Reals, truth: NDArray[np.intp]) -> float:
    """The factor under which the margins of unseen texts tell the truth best (least negative log-likelihood)."""
    from scipy.optimize import minimize_scalar

    def loss(log_factor: float) -> float:
        held = softmax(np.exp(log_factor) * margins)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(held, 1e-12)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))


def _margins_of_unseen_authors(
    told: Sequence[Sample], held: Sequence[str], keywords: Sequence[Keywords], labels: Mapping[str, Words]
) -> tuple[NDArray[np.intp], Reals, Reals]:
    """Leave one author out in turn: which texts, and their margins under machines that never read their author."""
    places, leaf, step = [], [], []
    for out in _folds(told):
        inside = np.flatnonzero(~out)
        seen_texts, new_texts = (
            [held[k] for k in inside.tolist()],
            [held[k] for k in np.flatnonzero(out).tolist()],
        )
        vectors = _vectors()
        seen = _beside(vectors.fit_transform(seen_texts), seen_texts, keywords)
        new = _beside(vectors.transform(new_texts), new_texts, keywords)
        places.append(np.flatnonzero(out))
        leaf.append(_fit(seen, labels["leaf"][inside]).decision_function(new))
        step.append(_fit(seen, labels["step"][inside]).decision_function(new))
    return np.concatenate(places), np.concatenate(leaf), np.concatenate(step)


def _folds(told: Sequence[Sample]) -> list[NDArray[np.bool_]]:
    """One fold an author of many texts; five folds in turn where there are not two such authors."""
    authors = np.array([t.author for t in told])
    many = sorted(name for name, count in Counter(authors.tolist()).items() if count >= FEWEST_OF_AN_AUTHOR)
    if len(many) > 1:
        return [authors == name for name in many]
    turn = np.arange(len(told)) % 5
    return [turn == fold for fold in range(5)]
