"""Texts classified a second: leaf, step, calibrated confidence and abstention together.

Peers: scikit-learn's usual pipeline for the same two answers (TF-IDF of the same grams, CalibratedClassifierCV around
LinearSVC), trained on the same texts, asked for the same texts; and counting keywords in plain Python,
which answers the leaf alone and far worse.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from bench._measure import compare, say, seconds
from jiedian.voice.classify.calc.classify import train
from jiedian.voice.classify.calc.examine import by_keywords
from jiedian.voice.classify.rows import corpus, keywords
from jiedian.voice.inbox.rows import threshold

TEXTS, ALONE, ROUNDS = 4000, 60, 3


def pipeline(labels: list[str]) -> Pipeline:
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    return make_pipeline(grams, CalibratedClassifierCV(LinearSVC(C=0.5), cv=3)).fit(
        [r.text for r in corpus()], labels
    )


def main() -> None:
    rows = corpus()
    texts = [f"{row.text}{copy}" for copy in range(3) for row in rows][:TEXTS]
    version, pipes = None, []

    def ours() -> None:
        nonlocal version
        version = train(
            [row.sample for row in rows], keywords(), trusted_accuracy=threshold("trusted_accuracy")
        )

    def theirs() -> None:
        pipes[:] = [pipeline([row.leaf for row in rows]), pipeline([row.step for row in rows])]

    compare("classify", "train leaf and step on 2,068 texts", ours, theirs, rounds=1)
    assert version is not None
    classified = f"{TEXTS} texts, leaf and step, at once"
    both = lambda: [pipe.predict_proba(texts) for pipe in pipes]  # noqa: E731
    compare("classify", classified, lambda: version.guesses(texts), both, rounds=ROUNDS)
    count = lambda: [by_keywords(text, keywords()) for text in texts]  # noqa: E731
    compare(
        "classify",
        f"{TEXTS} texts; the peer counts keywords, leaf only",
        lambda: version.guesses(texts),
        count,
    )
    one = lambda: [version.guesses([text]) for text in texts[:ALONE]]  # noqa: E731
    each = lambda: [[pipe.predict_proba([text]) for pipe in pipes] for text in texts[:ALONE]]  # noqa: E731
    compare("classify", f"{ALONE} texts one by one", one, each, rounds=ROUNDS)
    rate = TEXTS / seconds(lambda: version.guesses(texts))
    say(
        "classify",
        "texts a second, at once (peer: the pipeline)",
        rate,
        TEXTS / seconds(both),
        unit="texts/s",
    )


if __name__ == "__main__":
    main()
