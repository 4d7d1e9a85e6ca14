"""How long the pages of customers' whole way take on the server, and whether their totals are the person list."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.figures import say
from bench.history import make
from bench.place import Place, fresh
from bench.timed import timed
from choir.customers.models import Customer
from choir.journey.following import rebuild
from choir.journey.panorama import DAYS, redraw

TIMES = 20
TWO_EACH = (
    """UPDATE inbox_conversation c SET customer_id = p.first FROM (
         SELECT id, lag(customer_id) OVER w AS first, row_number() OVER w AS n FROM inbox_conversation
         WINDOW w AS (ORDER BY md5(id::text))) p
       WHERE c.id = p.id AND p.n % 2 = 0""",
    """UPDATE customers_identity i SET customer_id = c.customer_id FROM inbox_conversation c
       WHERE c.thread_key = i.external_id AND i.customer_id <> c.customer_id""",
    """DELETE FROM customers_customer one WHERE NOT EXISTS (
         SELECT FROM inbox_conversation c WHERE c.customer_id = one.id)""",
    """UPDATE customers_customer SET created_at = first.at FROM (
         SELECT customer_id, min(first_inbound_at) AS at FROM inbox_conversation GROUP BY customer_id) first
       WHERE first.customer_id = customers_customer.id""",
    """UPDATE triage_reading SET confidences = '{"stage": 0.9}',
         topic = (ARRAY['delivery','billing','app','returns',''])[1 + floor(random() * 5)::int],
         stage = (ARRAY['awareness','consideration','purchase','support','support','advocacy',''])
           [1 + floor(random() * 7)::int]""",
    "VACUUM (ANALYZE)",
)  # fmt: skip
"""Half as many customers as conversations, at any stage, speaking of anything."""


def measure(sizes: Sequence[int]) -> dict[str, float]:
    """Every page of the journey at every size of history."""
    figures: dict[str, float] = {}
    for size in sizes:
        place = fresh()
        make(place, conversations=size)
        with connection.cursor() as cursor:
            for statement in TWO_EACH:
                cursor.execute(statement)
        began = time.perf_counter()
        count = rebuild(place.workspace, at=timezone.now())
        figures[f"follow all, {size}"] = time.perf_counter() - began
        say(f"following {count:,} customers of {size:,} conversations", f"{figures[f'follow all, {size}']:.1f} s")
        began = time.perf_counter()
        drawn = sum(redraw(at=timezone.now()) for _ in DAYS)
        figures[f"draw, {size}"] = time.perf_counter() - began
        say(f"drawing {drawn} panoramas, {size:,}", f"{figures[f'draw, {size}']:.1f} s")
        figures |= _pages(place, size)
    connection.close()
    return figures


def _pages(place: Place, size: int) -> dict[str, float]:
    """Server milliseconds of each page, no answer kept between requests."""
    here = f"/w/{place.workspace.slug}/customers/journey/"
    pages = {
        "journey, 28 days": here,
        "journey, a year": f"{here}?period=365",
        "the flow as a drawing": f"{here}flow.svg",
        "people of one cell": f"{here}people/?start=support&end=gone",
        "all people, a year": f"{here}people/?period=365",
        "people of one cohort": f"{here}people/?month={timezone.now():%Y-%m}&reached=support",
        "conversations at a stage": f"{here}conversations/?stage=support",
    }  # fmt: skip
    figures = timed(place, pages, kind=f"{size:,}", times=TIMES)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(place.champion)
    _adds_up(client, here, place)
    return figures


def _adds_up(client: Client, here: str, place: Place) -> None:
    """The cells of the flow, as programs get them, together and one by one against the list that each opens."""
    cells = json.loads(b"".join(client.get(f"{here}flow.json")))["rows"]
    everybody = Customer.objects.filter(workspace=place.workspace).count()
    assert sum(one["customers"] for one in cells) == everybody, "the flow is not everybody"
    for one in cells:
        listed = b"".join(client.get(f"{here}people.json?start={one['from']}&end={one['to']}"))
        people = {row["customer"] for row in json.loads(listed)["rows"]}
        assert len(people) == one["customers"], f"{one}: {len(people)} are listed"
    say("customers in the flow, cell by cell the person list", f"{everybody:,} in {len(cells)} cells")
