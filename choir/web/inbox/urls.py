"""The inbox's addresses. Nouns; what is done to a conversation is a noun below it."""

from django.urls import path

from choir.web.inbox import (
    attaching,
    bulk,
    conversations,
    correcting,
    deciding,
    linking,
    lists,
    moderating,
    palette,
    saved_views,
    settling,
    writing,
)

INBOX = "w/<slug:workspace>/inbox/"
ONE = "w/<slug:workspace>/conversations/<uuid:conversation>/"

urlpatterns = [
    path(INBOX, lists.inbox, name="inbox"),
    path(f"{INBOX}filters", lists.filters, name="inbox-filters"),
    path(f"{INBOX}rows", lists.rows, name="inbox-rows"),
    path(f"{INBOX}bulk", bulk.bulk, name="inbox-bulk"),
    path(f"{INBOX}views", saved_views.saved_views, name="inbox-saved-views"),
    path(f"{INBOX}views/<uuid:view>", saved_views.saved_view, name="inbox-saved-view"),
    path("w/<slug:workspace>/palette", palette.palette, name="palette"),
    path(ONE, conversations.conversation, name="conversation"),
    path(f"{ONE}answers", conversations.answers, name="conversation-answers"),
    path(f"{ONE}reply", writing.reply, name="conversation-reply"),
    path(f"{ONE}attachments", attaching.attachments, name="conversation-attachments"),
    path(f"{ONE}attachments/<uuid:attachment>/removal", attaching.removal, name="attachment-removal"),
    path(f"{ONE}links", linking.links, name="conversation-links"),
    path(f"{ONE}messages/<uuid:message>/moderation", moderating.moderation, name="message-moderation"),
    path(f"{ONE}notes", writing.notes, name="conversation-notes"),
    path(f"{ONE}consults", writing.consults, name="conversation-consults"),
    path(f"{ONE}draft", writing.draft, name="conversation-draft"),
    path(f"{ONE}macro", writing.macro, name="conversation-macro"),
    path(f"{ONE}answers/<uuid:answer>/reuse", writing.reuse, name="conversation-reuse"),
    path(f"{ONE}resolution", deciding.resolution, name="conversation-resolution"),
    path(f"{ONE}snooze", deciding.snooze, name="conversation-snooze"),
    path(f"{ONE}assignment", deciding.assignment, name="conversation-assignment"),
    path(f"{ONE}handover", deciding.handover, name="conversation-handover"),
    path(f"{ONE}labels", deciding.labels, name="conversation-labels"),
    path(f"{ONE}correction", correcting.correction, name="conversation-correction"),
    path(f"{ONE}consults/<uuid:consult>/answer", settling.consult_answer, name="consult-answer"),
    path(f"{ONE}consults/<uuid:consult>/knowledge", settling.consult_kept, name="consult-kept"),
    path(f"{ONE}deliveries/<uuid:delivery>/undo", settling.undo, name="delivery-undo"),
    path(f"{ONE}deliveries/<uuid:delivery>/retry", settling.retry, name="delivery-retry"),
    path(f"{ONE}deliveries/<uuid:delivery>/settlement", settling.settlement, name="delivery-settlement"),
    path(f"{ONE}approvals/<uuid:approval>/vote", settling.vote, name="approval-vote"),
    path(f"{ONE}approvals/<uuid:approval>/withdrawal", settling.withdrawal, name="approval-withdrawal"),
]
