"""Tables of the customer's voice, one file a noun."""

from .attenuation import HandoffFile, Recoding, SentAfter
from .concerns import Concern, Delivery, Proposal, Reply
from .surveys import Invitation, QuotaUse, Response, SurveyFile
from .tellings import Attachment, Batch, Contact, Scan, Telling
from .visits import Visit, VisitPhoto, VisitPlan

__all__ = [
    "Attachment",
    "Batch",
    "Concern",
    "Contact",
    "Delivery",
    "HandoffFile",
    "Invitation",
    "Proposal",
    "QuotaUse",
    "Recoding",
    "Reply",
    "Response",
    "Scan",
    "SentAfter",
    "SurveyFile",
    "Telling",
    "Visit",
    "VisitPhoto",
    "VisitPlan",
]
