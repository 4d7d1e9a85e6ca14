from choir.people.models.organisation import Department, Organisation, Workspace
from choir.people.models.person import Membership, Person, Presence, RoleGrant, Skill, SkillKind
from choir.people.models.team import Holiday, Team, WorkingHours

__all__ = [
    "Department",
    "Holiday",
    "Membership",
    "Organisation",
    "Person",
    "Presence",
    "RoleGrant",
    "Skill",
    "SkillKind",
    "Team",
    "WorkingHours",
    "Workspace",
]
