"""What a new organisation begins with: the usual departments, objectives, owners and promises; all can be changed."""

import datetime as dt

from choir.people.models import Department, Organisation
from choir.routing.models import Hours, Objective, Ownership, SLAPolicy

USUAL_DEPARTMENTS = (
    (
        "marketing",
        "Marketing",
        "Brand, campaigns, content, community: what we say to the world and who says it with us.",
    ),
    (
        "customer_service",
        "Customer service",
        "Helps customers with what they bought: questions, complaints, returns, money.",
    ),
    ("pr_communications", "PR and communications", "Press, public criticism and crises: the company's reputation."),
    ("sales", "Sales", "People who may buy: advice, offers, availability."),
    ("product", "Product", "What the product should become: ideas, wishes, bugs that need no help."),
    ("legal", "Legal", "Law, regulators, privacy, fraud, injury, danger."),
    ("it", "IT", "Site, app, sign-in and outages; privacy and security of systems."),
    ("hr", "HR", "Jobs, applicants, employees, the company as an employer."),
    ("operations", "Operations", "Delivery, stores, repairs, staff on site."),
    ("quality", "Quality", "Defects, recalls, product safety."),
    ("corporate_responsibility", "Corporate responsibility", "Environment, society, suppliers, donations."),
    ("executive_office", "Executive office", "The chief executives and what is addressed to them."),
)

# slug, name, what it is, who usually owns it, whether it is answered
USUAL_OBJECTIVES = (
    ("care", "Care", "Help a customer with something bought or used.", "customer_service", True),
    ("sales", "Sales", "Somebody may buy.", "sales", True),
    ("reputation", "Reputation", "Press, public criticism, crisis.", "pr_communications", True),
    ("advocacy", "Advocacy", "Praise, fans, creators.", "marketing", True),
    ("product_insight", "Product insight", "Ideas and bugs that need no help.", "product", True),
    ("talent", "Talent", "Jobs and applicants.", "hr", True),
    ("compliance", "Compliance", "Law, privacy, fraud, safety.", "legal", True),
    ("community", "Community", "Everyday conversation.", "marketing", True),
    ("listening", "Listening", "Learn from it, do not answer.", "marketing", False),
)

# Care is split by where it happened; objective, topic, who usually owns it
USUAL_SPLITS = (("care", "delivery", "operations"), ("care", "app_and_site", "it"))

# Of 25 large brands the median first reply takes 94 minutes; the quick ones take 18.
USUAL_PROMISES = (
    ("Everything", 0, 4 * 3600, 24 * 3600, Hours.BUSINESS),
    ("Within hours", 2, 3600, 8 * 3600, Hours.BUSINESS),
    ("Now", 3, 15 * 60, 4 * 3600, Hours.CALENDAR),
)


def begin_with_the_usual(organisation: Organisation, *, since: dt.datetime) -> None:
    """Objectives, a matrix without gaps, and promises for an organisation that has the usual departments."""
    departments = {one.slug: one for one in Department.objects.filter(organisation=organisation)}
    objectives = {}
    for position, (slug, name, description, owner, is_answered) in enumerate(USUAL_OBJECTIVES):
        objectives[slug] = Objective.objects.create(
            organisation=organisation, slug=slug, name=name, description=description, is_answered=is_answered,
            position=position,
        )  # fmt: skip
        _own(objectives[slug], departments[owner], topic="", since=since)
    for slug, topic, owner in USUAL_SPLITS:
        _own(objectives[slug], departments[owner], topic=topic, since=since)
    SLAPolicy.objects.bulk_create(
        SLAPolicy(
            organisation=organisation, name=name, urgency_at_least=urgency, first_response_seconds=first,
            resolution_seconds=whole, hours=hours,
        )
        for name, urgency, first, whole, hours in USUAL_PROMISES
    )  # fmt: skip


def _own(objective: Objective, department: Department, *, topic: str, since: dt.datetime) -> None:
    Ownership.objects.create(
        organisation=objective.organisation, objective=objective, topic=topic, responsible=department,
        accountable=department, effective_from=since, because="Where most organisations begin.",
    )  # fmt: skip
