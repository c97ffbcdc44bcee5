"""Tables of a case, one file a noun."""

from .case import Callback, Case, Customer, Handoff, NumberSeries, Point
from .coordination import Errand, Message, Question, Urging
from .history import Batch, Progress
from .papers import Breach, Notice, Paper

__all__ = [
    "Batch",
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
    "Progress",
    "Question",
    "Urging",
]
