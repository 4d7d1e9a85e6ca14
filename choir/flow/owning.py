"""Whose it is: what a rule insists on, else the sorting team where triage is unsure, else who owns the objective."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from choir.flow.reasons import decision_part, ownership_part, rule_part
from choir.flow.staffing import Staffing
from choir.inbox.models import Clock, Conversation
from choir.inbox.reasons import Part
from choir.people.models import Department, Team
from choir.routing.decide import Cell, Contact, Promise, owning_cell, products_of, regions_of
from choir.routing.models import Objective
from choir.routing.rules.decide import Insisting, Ruled, Situation, ruled
from choir.routing.trial import Trial, trial_for
from choir.triage.models import Reading

NEVER_SORTED = frozenset({"compliance"})  # a possible threat or danger goes to its owner even when triage is unsure
DEFAULT_FLOOR = 0.45
NO_RULE = Ruled()


@dataclass
class Organised:
    """What routing knows of one organisation, read once a batch."""

    cells: list[Cell]
    promises: list[Promise]
    objectives: dict[str, Objective]
    departments: dict[uuid.UUID, Department]
    floors: dict[uuid.UUID, float]
    staffing: Staffing
    clocks: dict[uuid.UUID, list[Clock]]  # by conversation: of those that were routed before
    rules: Mapping[uuid.UUID, list[Insisting]] = field(default_factory=dict)  # by workspace
    situations: dict[uuid.UUID, Situation] = field(default_factory=dict)  # by conversation, where there are rules
    pressing: Mapping[uuid.UUID, Part] = field(default_factory=dict)  # by conversation, of those that are urgent anyhow
    trials: list[Trial] = field(default_factory=list)  # pilots that draw conversations now


class Drawn(NamedTuple):
    """The pilot that a contact takes part in, and whether it goes to the candidate."""

    trial: Trial
    is_candidate: bool


@dataclass(frozen=True)
class Owner:
    """Who owns a contact and why."""

    team: Team
    cell: Cell | None
    because: Part
    is_unsure: bool
    ruled: Ruled = NO_RULE
    drawn: Drawn | None = None

    @property
    def is_insisted_on(self) -> bool:
        """Whether a rule decided: then it is somebody's work even if it asks nothing."""
        return self.ruled.rule is not None


def owner_of(conversation: Conversation, lead: Reading, organised: Organised) -> Owner | None:
    staffing = organised.staffing
    said = _ruled(conversation, organised)
    if said.rule is not None and (team := _team_of(said.rule, lead, staffing)) is not None:
        return Owner(team, None, rule_part(said, team.name), is_unsure=False, ruled=said)
    floor = organised.floors.get(conversation.workspace_id, DEFAULT_FLOOR)
    if lead.objective_confidence < floor and lead.objective not in NEVER_SORTED:
        sorting = _sorting_team(conversation, staffing) or stand_in(conversation, staffing)
        if sorting is not None:
            because = Part(
                f"triage is unsure ({lead.objective_confidence:.2f} is under {floor:.2f}), so {sorting.name} sorts it",
                "team",
                str(sorting.pk),
            )
            return Owner(sorting, None, because, is_unsure=True, ruled=said)
    contact = Contact(
        objective=lead.objective,
        confidence=lead.objective_confidence,
        topic=lead.topic,
        language=lead.language,
        workspace_id=conversation.workspace_id,
        channel_id=conversation.channel_id,
        regions=regions_of(lead.entities, conversation.workspace.market),
        products=products_of(lead.entities),
    )
    cell = owning_cell(organised.cells, contact)
    team = staffing.door(cell.responsible_id, lead.language) if cell else None
    if cell is not None and team is not None:
        because = ownership_part(cell, organised.departments[cell.responsible_id].name)
        drawn = _drawn(conversation, contact, cell, organised, language=lead.language)
        if drawn is not None and drawn.is_candidate:
            team = staffing.door(drawn.trial.candidate_id, lead.language) or team
        return Owner(team, cell, because, is_unsure=False, ruled=said, drawn=drawn)
    if cell is None and (fitting := _by_charter(conversation, lead, organised, floor)) is not None:
        return replace(fitting, ruled=said)
    fallback = stand_in(conversation, staffing) or next(iter(staffing.teams.values()), None)
    if fallback is None:
        return None
    gap = "nobody owns this yet"
    if cell is not None:
        gap = f"{organised.departments[cell.responsible_id].name} owns this and has no team with people"
    answers = ", accountable for the channel," if fallback.department_id == conversation.channel.accountable_id else ""
    whose = f"{gap}, so {fallback.name}{answers} has it"
    because = Part(whose, "cell", str(cell.id)) if cell is not None else Part(whose, "objective")
    return Owner(fallback, cell, because, is_unsure=cell is None, ruled=said)


def stand_in(conversation: Conversation, staffing: Staffing) -> Team | None:
    """Who has it where whoever should have it has nobody: another team of its department, the department that is
    accountable for the channel, the sorting team, anybody. Only teams in which somebody works; None without any."""
    departments = (conversation.department_id, conversation.channel.accountable_id)
    doors = (staffing.door(one, conversation.language) for one in departments if one is not None)
    found = next((one for one in doors if one is not None), None)
    return found or _sorting_team(conversation, staffing) or next(iter(staffing.front_doors.values()), None)


def _sorting_team(conversation: Conversation, staffing: Staffing) -> Team | None:
    """The workspace's sorting team, where somebody works in it."""
    team_id = conversation.workspace.sorting_team_id
    return staffing.teams.get(team_id) if team_id is not None and staffing.candidates.get(team_id) else None


def _drawn(
    conversation: Conversation, contact: Contact, cell: Cell, organised: Organised, *, language: str
) -> Drawn | None:
    """Where a pilot puts it. While nobody could take it at the candidate's, nothing is drawn for either side: what
    chance gave to the candidate and the owner answered would make the two alike."""
    trial = trial_for(organised.trials, contact, cell)
    if trial is None or organised.staffing.door(trial.candidate_id, language) is None:
        return None
    return Drawn(trial, trial.gives(conversation.pk))


def pilot_part(owner: Owner, departments: Mapping[uuid.UUID, Department]) -> Part | None:
    """“it is in the pilot “Deliveries”, in which chance gave it to Operations”"""
    if owner.drawn is None:
        return None
    trial, is_candidate = owner.drawn
    who = departments[trial.candidate_id if is_candidate else trial.owner_id].name
    words = (
        f"it is in the pilot “{trial.name}”, in which chance {'gave it to' if is_candidate else 'left it with'} {who}"
    )
    return Part(words, "pilot", str(trial.id))


def _by_charter(conversation: Conversation, lead: Reading, organised: Organised, floor: float) -> Owner | None:
    """Where nobody owns the objective: the department whose charter fits what was said, if that is sure enough."""
    fits = lead.confidences.get("department", 0.0)
    ours = (
        one for one in organised.departments.values() if one.organisation_id == conversation.workspace.organisation_id
    )
    department = next((one for one in ours if one.slug == lead.department), None)
    team = organised.staffing.door(department.pk, lead.language) if department and fits >= floor else None
    if department is None or team is None:
        return None
    said = f"nobody owns this yet, and by its charter {department.name} fits best ({fits:.2f})"
    because = Part(said, "department", str(department.pk))
    return Owner(team, None, because, is_unsure=True)


def _ruled(conversation: Conversation, organised: Organised) -> Ruled:
    """What the workspace's rules say of it."""
    situation = organised.situations.get(conversation.pk)
    return ruled(organised.rules.get(conversation.workspace_id, ()), situation) if situation is not None else Ruled()


def _team_of(rule: Insisting, lead: Reading, staffing: Staffing) -> Team | None:
    """The rule's team, or where its department takes new work; None where nobody would answer."""
    if rule.team_id is not None and staffing.candidates.get(rule.team_id):
        return staffing.teams.get(rule.team_id)
    return staffing.door(rule.department_id, lead.language) if rule.department_id else None


def decided_part(owner: Owner) -> Part | None:
    """The committee's decision that made the rule or the cell, if one did."""
    made = owner.ruled.rule or owner.cell
    return decision_part(made.decision_number, made.decision_id) if made is not None else None


def urgent_part(owner: Owner) -> Part | None:
    """That a rule made it more urgent, unless the same rule is named already."""
    urgent = owner.ruled.urgent
    if urgent is None or urgent is owner.ruled.rule:
        return None
    return Part(f"the rule “{urgent.name}” makes it urgent", "rule", str(urgent.id))
