"""What a recount of each metric reads: SQL of its own, which shares nothing with `choir.measurement`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NOW = "k.department_id, k.team_id, k.channel_id, k.objective_id, k.language, k.campaign"
ANSWERING = NOW.replace("k.department_id, k.team_id", "k.answering_department_id, k.answering_team_id")
HELD = "c.department_id, c.team_id, c.channel_id, c.objective_id, c.language, k.campaign"
WITH_LINK = HELD.replace("k.campaign", "nullif(link, '')")
COURSES = "measurement_course k WHERE"
HELD_BY = (
    "JOIN inbox_conversation c ON c.id = {of}.conversation_id"
    " LEFT JOIN measurement_course k ON k.conversation_id = c.id"
)
MESSAGES = f"inbox_message m {HELD_BY.format(of='m')} LEFT JOIN people_person p ON p.id = m.person_id WHERE"
WRITTEN = f"{MESSAGES} m.direction = 'outbound' AND m.sent_at IS NOT NULL AND NOT m.is_automatic"
WORKED = f"{MESSAGES} m.direction = 'outbound' AND m.sent_at IS NOT NULL AND m.handling_seconds IS NOT NULL"
WAITED = "extract(epoch FROM a.closed_at - a.asked_at)"
SURVEYS = f"surveys_survey s {HELD_BY.format(of='s')} WHERE"
FOLLOWED = (
    f"outbound_engagement e JOIN inbox_message m ON m.id = e.message_id {HELD_BY.format(of='m')}"
    " WHERE e.measured_at IS NOT NULL"
)
DEEDS = " + ".join(f"coalesce(e.{one}_count, 0)" for one in ("likes", "reposts", "replies", "quotes"))
HUB = """SELECT team.id FROM people_team team, people_workspace w
         LEFT JOIN people_team sorting ON sorting.id = w.sorting_team_id
         WHERE EXISTS (SELECT FROM people_workspace_hub_teams h WHERE h.workspace_id = w.id AND h.team_id = team.id)
            OR (NOT EXISTS (SELECT FROM people_workspace_hub_teams h WHERE h.workspace_id = w.id)
                AND team.department_id = sorting.department_id)"""
HEARD = """listening_match f JOIN listening_query q ON q.id = f.query_id JOIN listening_mention n ON n.id = f.mention_id
    LEFT JOIN listening_wording g ON g.mention_id = n.id
    WHERE q."group" <> '' AND EXISTS (SELECT FROM listening_query WHERE is_ours AND "group" <> '')"""


@dataclass(frozen=True, slots=True)
class Recount:
    """How one metric is counted: which rows (`of`), when they count (`at`), where (`places`), and their two amounts."""

    kind: str
    at: str
    of: str
    places: str = NOW
    met: str = "0"
    against: str = "0"
    scale: int = 1


RECOUNTS: Mapping[str, Recount] = {
    "answered_by": Recount("portion", "k.answered_at", f"{COURSES} k.answered_at IS NOT NULL", ANSWERING),
    "answers": Recount("counted", "m.at", WRITTEN, HELD),
    "approval_time": Recount(
        "lasting", "a.closed_at",
        f"outbound_approval a {HELD_BY.format(of='a')} WHERE a.outcome IN ('approved', 'declined')", HELD,
        WAITED, WAITED,
    ),
    "backlog": Recount(
        "standing", "k.began_at", "measurement_stretch k WHERE true", met="extract(epoch FROM k.ended_at)"
    ),
    "clicks": Recount(
        "counted", "l.at",
        "(SELECT click.*, t.campaign AS link FROM conversions_click click"
        f" JOIN conversions_trackedlink t ON t.id = click.link_id) l {HELD_BY.format(of='l')} WHERE true", WITH_LINK,
    ),
    "conversations": Recount("counted", "k.arrived_at", f"{COURSES} true"),
    "conversions": Recount(
        "counted", "l.at",
        f"(SELECT *, campaign AS link FROM conversions_conversion) l {HELD_BY.format(of='l')}"
        " WHERE l.taken_back_at IS NULL",
        WITH_LINK,
    ),
    "cost": Recount(
        "summed", "m.at", f"{WORKED} AND p.hourly_cost IS NOT NULL", HELD,
        "round(m.handling_seconds * p.hourly_cost / 36.0)", scale=100,
    ),
    "csat": Recount("share", "s.answered_at", f"{SURVEYS} s.answered_at IS NOT NULL", HELD, "(s.score >= 4)::int"),
    "enablement": Recount(
        "share", "k.answered_at", f"{COURSES} k.answered_at IS NOT NULL", ANSWERING,
        f"coalesce(NOT k.answering_team_id = ANY (ARRAY({HUB})), true)::int",
    ),
    "engagement": Recount("summed", "m.at", FOLLOWED, HELD, DEEDS),
    "engagement_per_message": Recount("ratio", "m.at", FOLLOWED, HELD, DEEDS, "1"),
    "engagement_rate": Recount("ratio", "m.at", f"{FOLLOWED} AND e.views_count > 0", HELD, DEEDS, "e.views_count"),
    "first_response": Recount(
        "lasting", "k.answered_at", f"{COURSES} k.answered_at IS NOT NULL", ANSWERING, "k.first_response_seconds",
        "k.first_response_business_seconds",
    ),
    "handle_time": Recount("lasting", "m.sent_at", WORKED, HELD, "m.handling_seconds", "m.handling_seconds"),
    "handover_rate": Recount("share", "k.arrived_at", f"{COURSES} k.needed_reply", met="k.is_handed_over::int"),
    "handovers": Recount(
        "counted", "h.at", f"inbox_handover h {HELD_BY.format(of='h')} WHERE true",
        HELD.replace("c.department_id", "h.from_department_id"),
    ),
    "knowledge_reuse": Recount(
        "share", "m.at", WRITTEN, HELD,
        "(m.id IN (SELECT message_id FROM knowledge_reuse WHERE message_id IS NOT NULL))::int",
    ),
    "mentions": Recount("counted", "m.at", f"{MESSAGES} m.direction = 'inbound'", HELD),
    "negative": Recount("share", "k.arrived_at", f"{COURSES} k.sentiment <> ''", met="(k.sentiment = 'negative')::int"),
    "one_touch": Recount(
        "share", "k.resolved_at", f"{COURSES} k.resolved_at IS NOT NULL AND k.answers_count > 0",
        met="(k.answers_count = 1)::int",
    ),
    "positive": Recount("share", "k.arrived_at", f"{COURSES} k.sentiment <> ''", met="(k.sentiment = 'positive')::int"),
    "reach": Recount("summed", "m.at", f"{FOLLOWED} AND e.views_count IS NOT NULL", HELD, "e.views_count"),
    "reopen_rate": Recount(
        "share", "k.first_resolved_at", f"{COURSES} k.first_resolved_at IS NOT NULL",
        met="(k.reopened_at IS NOT NULL)::int",
    ),
    "resolution": Recount(
        "lasting", "k.resolved_at", f"{COURSES} k.resolved_at IS NOT NULL", NOW, "k.resolution_seconds",
        "k.resolution_business_seconds",
    ),
    "resolutions_in_time": Recount(
        "share", "k.resolution_promise_at", f"{COURSES} k.resolution_promise_at IS NOT NULL",
        met="coalesce(k.resolution_promise_is_met, false)::int",
    ),
    "response_rate": Recount("share", "k.arrived_at", f"{COURSES} k.needed_reply", met="(k.answers_count > 0)::int"),
    "sentiment": Recount(
        "net", "k.arrived_at", f"{COURSES} k.sentiment <> ''", NOW, "(k.sentiment = 'positive')::int",
        "(k.sentiment = 'negative')::int",
    ),
    "share_of_voice": Recount(
        "share", "f.posted_at", HEARD,
        "NULL, NULL, n.channel_id, NULL, g.language, NULL", "q.is_ours::int",
    ),
    "sla_attainment": Recount(
        "share", "k.response_promise_at", f"{COURSES} k.response_promise_at IS NOT NULL",
        met="coalesce(k.response_promise_is_met, false)::int",
    ),
    "spikes": Recount(
        "counted", "x.began_at", "listening_spike x WHERE true", "x.department_id, NULL, NULL, NULL, NULL, NULL"
    ),
    "survey_rate": Recount(
        "share", "s.asked_at", f"{SURVEYS} s.because = ''", HELD, "(s.answered_at IS NOT NULL)::int"
    ),
}  # fmt: skip
