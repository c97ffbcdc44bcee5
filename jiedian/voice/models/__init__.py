"""Tables of the customer's voice, one file a noun."""

from .attenuation import HandoffFile, Recoding, SentAfter
from .concerns import Concern, Delivery, Proposal, Reply
from .tellings import Attachment, Batch, Contact, Scan, Telling
from .visits import Visit, VisitPhoto, VisitPlan

__all__ = [
    "Attachment",
    "Batch",
    "Concern",
    "Contact",
    "Delivery",
    "HandoffFile",
    "Proposal",
    "Recoding",
    "Reply",
    "Scan",
    "SentAfter",
    "Telling",
    "Visit",
    "VisitPhoto",
    "VisitPlan",
]
