"""Spikes: how often more was said than the hours of the week lead one to expect.

By hand: a query usually finds 4 mentions in an hour; on Monday 40 come in an hour, on Wednesday 30 about one topic, on
Thursday 5 → 2.
"""

from choir.measurement.metric import Better, Counted, Of, Unit
from choir.measurement.voicing import SPIKE_SPLITS, spiking

METRIC = Counted(
    slug="spikes",
    title="Spikes",
    definition=(
        "Times in the period that a query began to find far more mentions than is usual at those hours of the week: "
        "at least twice as many, further out than the query's own days are but for one in very many, and so unlikely "
        "that chance is no reason. By the department that should act."
    ),
    formula="count of spikes by the time they began",
    unit=Unit.COUNT,
    better=Better.NEITHER,
    source="Alerts, peaks or anomalies of listening tools; anomaly detection against a seasonal baseline.",
    rows=spiking,
    at="began_at",
    splits=SPIKE_SPLITS,
    conversation="pk",
    of=Of.SPIKES,
    is_tallied=False,
)
