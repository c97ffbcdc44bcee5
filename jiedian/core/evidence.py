"""菜单: a supply scheme put together from rows. Bands turn figures into facts, conditions on facts choose the modules."""


def decides(status: str) -> bool:
    """Whether a row of this status may decide; a row only recalled, or taken from a draft, advises.

    >>> [decides(status) for status in ("A", "F 56", "D", "R-H", "F 5; R-H", "?", "F 18(draft)")]
    [True, True, True, False, False, False, False]
    """
    return not is_draft(status) and not any(
        mark.strip().startswith(("R-", "?")) for mark in status.split(";")
    )


def is_draft(status: str) -> bool:
    """Whether a row of this status comes from a draft that was sent out for comments."""
    return "draft" in status
