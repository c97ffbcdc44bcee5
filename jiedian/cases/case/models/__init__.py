"""Tables of a case, one file a noun."""

from .breaches import Breach
from .case import Case, Customer, Handoff, Point
from .feed_in import FeedIn

__all__ = ["Breach", "Case", "Customer", "FeedIn", "Handoff", "Point"]
