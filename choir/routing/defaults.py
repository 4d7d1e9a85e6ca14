"""The objectives an organisation starts with; it may change them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefaultObjective:
    """One objective as shipped."""

    slug: str
    name: str
    description: str
    is_answered: bool = True


OBJECTIVES = (
    DefaultObjective("care", "Care", "Help a customer who has a question or a problem."),
    DefaultObjective("sales", "Sales", "Somebody may buy."),
    DefaultObjective("reputation", "Reputation", "Press, public criticism, a crisis."),
    DefaultObjective("advocacy", "Advocacy", "Praise, fans, creators."),
    DefaultObjective("product_insight", "Product insight", "Ideas for the product, and bugs in it."),
    DefaultObjective("talent", "Talent", "Jobs and applicants."),
    DefaultObjective("compliance", "Compliance", "Legal matters, privacy, safety."),
    DefaultObjective("community", "Community", "Everyday conversation."),
    DefaultObjective("listening", "Listening", "Learn, do not answer.", is_answered=False),
)
