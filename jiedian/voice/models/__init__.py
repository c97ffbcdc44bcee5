"""Tables of the customer's voice, one file a noun."""

from .attenuation import HandoffFile, Recoding, SentAfter
from .visits import Visit, VisitPhoto, VisitPlan

__all__ = ["HandoffFile", "Recoding", "SentAfter", "Visit", "VisitPhoto", "VisitPlan"]
