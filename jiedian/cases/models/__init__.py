"""Tables of a case, one file a noun."""

from .case import Callback, Case, Customer, Handoff, NumberSeries, Point
from .coordination import Errand, Message, Question, Urging
from .papers import Breach, Notice, Paper

__all__ = [
    "Breach",
    "Callback",
    "Case",
    "Customer",
    "Errand",
    "Handoff",
    "Message",
    "Notice",
    "NumberSeries",
    "Paper",
    "Point",
    "Question",
    "Urging",
]
