"""Tables of the inbox, one file a noun."""

from .concerns import Concern, Delivery, Proposal, Reply
from .tellings import Attachment, Batch, Contact, Telling

__all__ = ["Attachment", "Batch", "Concern", "Contact", "Delivery", "Proposal", "Reply", "Telling"]
