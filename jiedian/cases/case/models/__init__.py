"""Tables of a case, one file a noun."""

from .batch import Batch, Progress
from .breaches import Breach
from .case import Case, Customer, Handoff, Point

__all__ = ["Batch", "Breach", "Case", "Customer", "Handoff", "Point", "Progress"]
