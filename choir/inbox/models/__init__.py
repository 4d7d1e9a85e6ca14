from choir.inbox.models.assignment import Assignment, Handover
from choir.inbox.models.clock import Clock, ClockKind
from choir.inbox.models.consult import Consult
from choir.inbox.models.conversation import Conversation, Participant, State
from choir.inbox.models.label import ConversationLabel, Label
from choir.inbox.models.message import Direction, Message
from choir.inbox.models.note import Note
from choir.inbox.models.view import SavedView
from choir.inbox.models.visit import Visit

__all__ = [
    "Assignment",
    "Clock",
    "ClockKind",
    "Consult",
    "Conversation",
    "ConversationLabel",
    "Direction",
    "Handover",
    "Label",
    "Message",
    "Note",
    "Participant",
    "SavedView",
    "State",
    "Visit",
]
