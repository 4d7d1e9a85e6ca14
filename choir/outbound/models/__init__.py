from choir.outbound.models.approval import Approval, ApprovalPolicy, ApprovalVote
from choir.outbound.models.delivery import Delivery, DeliveryState
from choir.outbound.models.draft import Draft, DraftKind

__all__ = ["Approval", "ApprovalPolicy", "ApprovalVote", "Delivery", "DeliveryState", "Draft", "DraftKind"]
