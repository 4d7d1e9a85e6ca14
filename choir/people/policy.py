"""The one policy table: what each role may see and do, and how far it reaches.

Querysets enforce it (`visible_to`), actions enforce it again (`require`), pages only hide what would be
refused anyway. To change what a role may do, change this table; a test tries every role on every route.
"""

from enum import IntEnum, StrEnum


class Role(StrEnum):
    """What a person is there for. A person may hold several."""

    AGENT = "agent"
    LEAD = "lead"
    COMMUNICATIONS = "communications"
    PUBLISHER = "publisher"
    LEGAL = "legal"
    ADMINISTRATOR = "administrator"
    CHAMPION = "champion"
    COMMITTEE = "committee"
    EXECUTIVE = "executive"


class Permission(StrEnum):
    """A thing that can be allowed; noun, then verb."""

    CONVERSATION_READ = "conversation.read"
    CONVERSATION_ANSWER = "conversation.answer"
    CONVERSATION_NOTE = "conversation.note"
    CONVERSATION_ASSIGN = "conversation.assign"
    CONVERSATION_CORRECT = "conversation.correct"
    CONVERSATION_MODERATE = "conversation.moderate"  # on the network: take ours off, hide or report what others said
    THEME_DECIDE = "theme.decide"
    APPROVAL_DECIDE = "approval.decide"
    CUSTOMER_READ = "customer.read"
    KNOWLEDGE_READ = "knowledge.read"
    KNOWLEDGE_WRITE = "knowledge.write"
    FIGURES_READ = "figures.read"
    OWNERSHIP_READ = "ownership.read"
    OWNERSHIP_CHANGE = "ownership.change"
    ROUTING_CHANGE = "routing.change"
    STRATEGY_READ = "strategy.read"
    STRATEGY_CHANGE = "strategy.change"
    CANVAS_ANSWER = "canvas.answer"  # say for a department what about its business is naturally social
    DECISION_READ = "decision.read"  # what the committee decided, and what came of it
    COMMITTEE_READ = "committee.read"  # its agenda and minutes
    COMMITTEE_TAKE_PART = "committee.take_part"  # add items, write papers, vote where one holds a seat
    COMMITTEE_RUN = "committee.run"  # seats and series; opens and closes meetings, records decisions
    BRIEF_READ = "brief.read"  # the week in five figures and five sentences
    BRIEF_MANAGE = "brief.manage"  # on which day it is written
    CUSTOMER_HEAR = "customer.hear"  # customers to hear: read, keep, ask, answer in person
    OVERVIEW_READ = "overview.read"  # all departments, channels, money and people in one view
    CHANNEL_READ = "channel.read"
    CHANNEL_MANAGE = "channel.manage"
    IMPORT_RUN = "import.run"
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"  # who works here, in which team and role
    TEAM_MANAGE = "team.manage"  # a team's hours and how it assigns; its people's skills and capacity
    PROMISE_MANAGE = "promise.manage"  # what is promised to customers, and which replies need approval
    AUDIT_READ = "audit.read"
    LISTENING_READ = "listening.read"
    LISTENING_CHANGE = "listening.change"
    LINK_MAKE = "link.make"  # tracked links to give to customers
    CONVERSION_BRING = "conversion.bring"  # kinds of conversions, and the systems and files that tell of them


class Reach(IntEnum):
    """How far a permission reaches, from nothing to the whole workspace."""

    NOTHING = 0
    OWN = 1  # what is assigned to the person, or where they were asked
    DEPARTMENT = 2  # what belongs to a department the person works in
    WORKSPACE = 3


P, R = Permission, Reach

EVERYONE: dict[Permission, Reach] = {
    P.KNOWLEDGE_READ: R.WORKSPACE,
    P.OWNERSHIP_READ: R.WORKSPACE,
    P.PEOPLE_READ: R.WORKSPACE,
    P.DECISION_READ: R.WORKSPACE,
    P.CONVERSATION_READ: R.OWN,
    P.CONVERSATION_NOTE: R.OWN,
    P.CUSTOMER_READ: R.OWN,
}

ANSWERING: dict[Permission, Reach] = {
    P.CONVERSATION_READ: R.DEPARTMENT,
    P.CONVERSATION_ANSWER: R.DEPARTMENT,
    P.CONVERSATION_NOTE: R.DEPARTMENT,
    P.CONVERSATION_ASSIGN: R.DEPARTMENT,
    P.CONVERSATION_CORRECT: R.DEPARTMENT,
    P.CONVERSATION_MODERATE: R.OWN,
    P.CUSTOMER_READ: R.DEPARTMENT,
    P.KNOWLEDGE_WRITE: R.WORKSPACE,
    P.FIGURES_READ: R.DEPARTMENT,
    P.LISTENING_READ: R.WORKSPACE,  # what was said in public; private messages are no part of it
}

OVERSEEING: dict[Permission, Reach] = {
    P.CONVERSATION_READ: R.WORKSPACE,
    P.CONVERSATION_NOTE: R.WORKSPACE,
    P.CUSTOMER_READ: R.WORKSPACE,
    P.FIGURES_READ: R.WORKSPACE,
    P.STRATEGY_READ: R.WORKSPACE,
    P.CHANNEL_READ: R.WORKSPACE,
    P.LISTENING_READ: R.WORKSPACE,
}

LEADING: dict[Permission, Reach] = {
    P.BRIEF_READ: R.WORKSPACE,
    P.CUSTOMER_HEAR: R.WORKSPACE,
    P.OVERVIEW_READ: R.WORKSPACE,
}

SITTING: dict[Permission, Reach] = {
    P.COMMITTEE_READ: R.WORKSPACE,
    P.COMMITTEE_TAKE_PART: R.WORKSPACE,
}

POLICY: dict[Role, dict[Permission, Reach]] = {
    Role.AGENT: ANSWERING,
    Role.LEAD: ANSWERING
    | SITTING
    | {
        P.CANVAS_ANSWER: R.DEPARTMENT,
        P.APPROVAL_DECIDE: R.DEPARTMENT,
        P.CONVERSATION_MODERATE: R.DEPARTMENT,
        P.CHANNEL_READ: R.WORKSPACE,
        P.STRATEGY_READ: R.WORKSPACE,
        P.TEAM_MANAGE: R.DEPARTMENT,
        P.LISTENING_CHANGE: R.WORKSPACE,
        P.LINK_MAKE: R.WORKSPACE,
        P.THEME_DECIDE: R.WORKSPACE,
    },
    Role.COMMUNICATIONS: ANSWERING
    | SITTING
    | {
        P.CANVAS_ANSWER: R.DEPARTMENT,
        P.APPROVAL_DECIDE: R.WORKSPACE,
        P.CONVERSATION_MODERATE: R.WORKSPACE,
        P.CHANNEL_READ: R.WORKSPACE,
        P.STRATEGY_READ: R.WORKSPACE,
        P.LISTENING_CHANGE: R.WORKSPACE,
        P.LINK_MAKE: R.WORKSPACE,
        P.THEME_DECIDE: R.WORKSPACE,
    },
    Role.PUBLISHER: ANSWERING | {P.LISTENING_CHANGE: R.WORKSPACE, P.LINK_MAKE: R.WORKSPACE},
    Role.LEGAL: OVERSEEING
    | SITTING
    | {
        P.CONVERSATION_ANSWER: R.DEPARTMENT,
        P.CONVERSATION_ASSIGN: R.DEPARTMENT,
        P.CONVERSATION_CORRECT: R.DEPARTMENT,
        P.APPROVAL_DECIDE: R.WORKSPACE,
        P.CONVERSATION_MODERATE: R.WORKSPACE,
        P.AUDIT_READ: R.WORKSPACE,
    },
    # Runs the platform and has no business reading what customers wrote.
    Role.ADMINISTRATOR: {
        P.CHANNEL_READ: R.WORKSPACE,
        P.CHANNEL_MANAGE: R.WORKSPACE,
        P.IMPORT_RUN: R.WORKSPACE,
        P.CONVERSION_BRING: R.WORKSPACE,
        P.PEOPLE_MANAGE: R.WORKSPACE,
        P.TEAM_MANAGE: R.WORKSPACE,
        P.PROMISE_MANAGE: R.WORKSPACE,
        P.AUDIT_READ: R.WORKSPACE,
    },
    Role.CHAMPION: OVERSEEING
    | SITTING
    | LEADING
    | {
        P.BRIEF_MANAGE: R.WORKSPACE,
        P.COMMITTEE_RUN: R.WORKSPACE,
        P.CONVERSATION_ASSIGN: R.WORKSPACE,
        P.CONVERSATION_CORRECT: R.WORKSPACE,
        P.OWNERSHIP_CHANGE: R.WORKSPACE,
        P.ROUTING_CHANGE: R.WORKSPACE,
        P.PROMISE_MANAGE: R.WORKSPACE,
        P.STRATEGY_CHANGE: R.WORKSPACE,
        P.CANVAS_ANSWER: R.WORKSPACE,
        P.THEME_DECIDE: R.WORKSPACE,
        P.KNOWLEDGE_WRITE: R.WORKSPACE,
        P.LISTENING_CHANGE: R.WORKSPACE,
        P.LINK_MAKE: R.WORKSPACE,
        P.CONVERSION_BRING: R.WORKSPACE,
    },
    Role.COMMITTEE: SITTING
    | {
        P.BRIEF_READ: R.WORKSPACE,
        P.CANVAS_ANSWER: R.DEPARTMENT,
        P.FIGURES_READ: R.WORKSPACE,
        P.STRATEGY_READ: R.WORKSPACE,
        P.CHANNEL_READ: R.WORKSPACE,
        P.LISTENING_READ: R.WORKSPACE,
    },
    Role.EXECUTIVE: OVERSEEING
    | SITTING
    | LEADING
    | {P.CONVERSATION_ANSWER: R.WORKSPACE, P.STRATEGY_CHANGE: R.WORKSPACE, P.CANVAS_ANSWER: R.WORKSPACE},
}


def reach_of(role: Role, permission: Permission) -> Reach:
    """How far `permission` reaches for somebody who holds `role`."""
    return max(EVERYONE.get(permission, Reach.NOTHING), POLICY[role].get(permission, Reach.NOTHING))
