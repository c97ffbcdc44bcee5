"""Classify one telling as it comes in: its leaf and step as the classifier guesses them."""

from ..models.tellings import Telling

FIELDS = ["leaf", "step", "confidence", "is_trusted", "version"]


def classify_telling(telling: Telling) -> None:
    """Leave a telling to the job. What it says is new, so an earlier guess no longer holds; a person's word does."""
    if telling.version and not telling.corrected_by:
        telling.leaf = telling.step = ""
        telling.confidence, telling.is_trusted, telling.version = None, False, 0
        telling.save(update_fields=FIELDS)
