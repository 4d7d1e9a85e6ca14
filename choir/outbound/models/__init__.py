from choir.outbound.models.approval import Approval, ApprovalPolicy, ApprovalVote
from choir.outbound.models.delivery import Delivery, DeliveryState
from choir.outbound.models.draft import Draft, DraftKind
from choir.outbound.models.engagement import Engagement
from choir.outbound.models.moderation import Deed, Moderation, ModerationState

__all__ = [
    "Approval",
    "ApprovalPolicy",
    "ApprovalVote",
    "Deed",
    "Delivery",
    "DeliveryState",
    "Draft",
    "DraftKind",
    "Engagement",
    "Moderation",
    "ModerationState",
]
