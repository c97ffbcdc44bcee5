"""Cache of trained classifiers: files in a folder of our own, named after what they were trained from."""

import os
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from .calc.classify import Classifier, Keywords, Machine, Sample, fingerprint, train

ROOT = Path(__file__).resolve().parents[3]


def folder() -> Path:
    """The shelf: in the run's folder, or in the user's cache where that cannot be written."""
    run = os.environ.get("JIEDIAN_RUN_DIR")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jiedian"
    for place in [Path(run) / "shelf"] if run else [ROOT / ".run" / "shelf", home]:
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place, os.W_OK):
            return place
    raise OSError(f"no folder to keep a trained classifier: {run or home}")


@lru_cache(maxsize=4)
def classifier(
    told: tuple[Sample, ...], keywords: tuple[Keywords, ...], trusted_accuracy: float
) -> Classifier:
    """The version trained from these texts: taken from the shelf, or trained now (seconds) and put there."""
    key = fingerprint(told, keywords, trusted_accuracy=trusted_accuracy)
    try:
        path = folder() / f"classifier-{key}.npz"
    except OSError:
        return train(told, keywords, trusted_accuracy=trusted_accuracy)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _read(arrays)
    except Exception:  # whatever a damaged archive raises: it is made anew
        made = train(told, keywords, trusted_accuracy=trusted_accuracy)
        _write(path, _arrays(made))
        return made


def _arrays(made: Classifier) -> dict[str, Any]:
    machines = {"leaf": made.leaf, "step": made.step}
    held: dict[str, Any] = {"grams": made.grams, "idf": made.idf}
    held["rules"] = np.array([f"{rule.id}\t{rule.target}\t{' '.join(rule.words)}" for rule in made.keywords])
    held["figures"] = np.array([made.trusted_from, made.coverage, made.accuracy])
    for name, machine in machines.items():
        held |= {f"{name}_classes": machine.classes, f"{name}_weights": machine.weights}
        held |= {f"{name}_offsets": machine.offsets, f"{name}_factor": np.array(machine.factor)}
    return held


def _read(arrays: Any) -> Classifier:
    leaf, step = (
        Machine(
            arrays[f"{name}_classes"],
            arrays[f"{name}_weights"],
            arrays[f"{name}_offsets"],
            float(arrays[f"{name}_factor"]),
        )
        for name in ("leaf", "step")
    )
    rules = (str(row).split("\t") for row in arrays["rules"])
    keywords = tuple(Keywords(name, target, tuple(words.split())) for name, target, words in rules)
    trusted_from, coverage, accuracy = (float(value) for value in arrays["figures"])
    return Classifier(arrays["grams"], arrays["idf"], keywords, leaf, step, trusted_from, coverage, accuracy)


def packed(made: Classifier) -> bytes:
    """A version as bytes, to be kept elsewhere; numbers and words only, nothing that could run when it is read."""
    held = BytesIO()
    np.savez_compressed(held, **_arrays(made))
    return held.getvalue()


def unpacked(data: bytes) -> Classifier:
    """The version again."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return _read(arrays)


def _write(path: Path, arrays: dict[str, Any]) -> None:
    """Whole or not at all: two processes may train the same version at once."""
    with NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
        try:
            np.savez(part, **arrays)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    Path(part.name).replace(path)
