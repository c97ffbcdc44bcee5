"""公布: the issues of the open capacity, their rows, and what is frozen of a grid on its day."""

from .issues import issue_of, latest

__all__ = ["issue_of", "latest"]
