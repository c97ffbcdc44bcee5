"""Tables of the customer's voice, one file a noun."""

from .attenuation import HandoffFile, Recoding, SentAfter
from .concerns import Concern, Delivery, Proposal, Reply
from .hotspots import HotSpot
from .surveys import Invitation, QuotaUse, Response, SurveyFile
from .tellings import Attachment, Batch, Contact, Scan, Telling
from .versions import Label, Version
from .visits import Visit, VisitPhoto, VisitPlan

__all__ = [
    "Attachment",
    "Batch",
    "Concern",
    "Contact",
    "Delivery",
    "HandoffFile",
    "HotSpot",
    "Invitation",
    "Label",
    "Proposal",
    "QuotaUse",
    "Recoding",
    "Reply",
    "Response",
    "Scan",
    "SentAfter",
    "SurveyFile",
    "Telling",
    "Version",
    "Visit",
    "VisitPhoto",
    "VisitPlan",
]
