"""Tables of a case, one file a noun."""

from .breaches import Breach
from .case import Case, Customer, Handoff, Point

__all__ = ["Breach", "Case", "Customer", "Handoff", "Point"]
