"""``jiedian gaps`` against the script an analyst writes with pandas, SciPy and statsmodels, on the same file.

The peer does less: no Wilcoxon, no intervals of alpha, no findings on what was typed; the files are clean for its sake.
"""

import contextlib
import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench._measure import compare
from jiedian.voice.surveys.calc.questionnaire import SERVQUAL
from tools.gaps import main


def survey(path: Path, people: int) -> None:
    """People answering SERVQUAL's 22 pairs on seven marks."""
    dice = np.random.default_rng(7)
    mood = dice.normal(size=(people, 1))
    marks = np.clip(np.round(5.5 + 0.7 * mood + dice.normal(0, 1, (people, 44))), 1, 7).astype(int)
    names = [f"E_{i}" for i in range(1, 23)] + [f"P_{i}" for i in range(1, 23)]
    pd.DataFrame(marks, columns=names).to_csv(path, index=False)


def peer(path: Path) -> pd.DataFrame:
    """Paired t of every item, dimension and all, Holm, effect and alpha."""
    data = pd.read_csv(path)
    numbers = iter(range(1, 23))
    groups = {name: [next(numbers) for _ in range(n)] for name, n in SERVQUAL}
    sets = {f"item {i}": [i] for i in range(1, 23)} | groups | {"all": list(range(1, 23))}
    rows = []
    for name, columns in sets.items():
        e = data[[f"E_{i}" for i in columns]].mean(axis=1)
        told = data[[f"P_{i}" for i in columns]]
        p = told.mean(axis=1)
        found = stats.ttest_rel(p, e)
        interval = found.confidence_interval()
        k = len(columns)
        alpha = k / (k - 1) * (1 - told.var().sum() / told.sum(axis=1).var()) if k > 1 else np.nan
        gap = p - e
        rows.append(
            [
                name,
                len(gap),
                gap.mean(),
                interval.low,
                interval.high,
                found.pvalue,
                gap.mean() / gap.std(),
                alpha,
            ]
        )
    table = pd.DataFrame(rows)
    table["holm"] = multipletests(table[5], method="holm")[1]
    return table


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        path, out = Path(folder) / "survey.csv", Path(folder) / "gaps.csv"
        for people in (1_000, 100_000):
            survey(path, people)
            with contextlib.redirect_stderr(io.StringIO()):
                compare(
                    "gaps",
                    f"{people} respondents, 22 pairs, file to table",
                    lambda: main([str(path), "--out", str(out)]),
                    lambda: peer(path),
                )
