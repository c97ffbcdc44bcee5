"""Where a telling belongs in the expectation tree and in the process."""

from ..models import Telling


def classify_telling(telling: Telling) -> None:
    """Fill leaf, step and confidence of a telling. Without a trained version they stay empty, and a person fills them."""
