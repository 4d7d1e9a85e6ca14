"""What `choir doctor` can say once the database answers: tables, workers, channels, clock. Needs Django set
up."""

import datetime as dt
from collections.abc import Iterator

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from choir.channels.models import Channel, ChannelState
from choir.channels.secrets import UnreadableSecretError, open_sealed
from choir.events.models import Event
from choir.operations.commands.migrate import pending
from choir.operations.finding import Finding

OLDEST_POSTGRESQL = 150000
HEARTBEAT_SECONDS = 30  # a worker reports every ten
WAITING_WARN_SECONDS = 60
CLOCK_WARN_SECONDS = 2.0


def database_findings() -> Iterator[Finding]:
    """Each thing in turn; where tables are missing the rest cannot be asked."""
    yield server_finding()
    missing = pending()
    if missing:
        yield Finding("migrations", "fail", f"{len(missing)} are missing, {missing[0]} first", "Run `choir migrate`.")
        return
    yield Finding("migrations", "ok", "the tables are up to date")
    yield workers_finding()
    yield channels_finding()
    yield clock_finding()


def server_finding() -> Finding:
    """Its version, and how near it is to its limit of connections."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num')::int,"
            " current_setting('max_connections')::int, pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
        )
        version, number, limit, size, used = cursor.fetchone()
    says = f"PostgreSQL {version.split()[0]}, {size / 1024**2:.0f} MiB, {used} of {limit} connections"
    if number < OLDEST_POSTGRESQL:
        return Finding("database", "fail", says, "Choir needs PostgreSQL 15 or later.")
    if used > 0.8 * limit:
        return Finding("database", "warn", says, "Raise max_connections, or run fewer web processes and workers.")
    return Finding("database", "ok", says)


def workers_finding() -> Finding:
    """Workers that reported lately, and whether jobs wait longer than they should."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - %s * interval '1 second'",
            [HEARTBEAT_SECONDS],
        )
        (alive,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM max(now() - coalesce(job.scheduled_at, event.at))), 0)"
            " FROM procrastinate_jobs job JOIN procrastinate_events event"
            "   ON event.job_id = job.id AND event.type = 'deferred'"
            " WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()"
        )
        waiting, longest = cursor.fetchone()
    says = f"{alive} queues served, {waiting} jobs waiting"
    if not alive:
        return Finding("workers", "fail" if waiting else "warn", says, "Start one: `choir up` or `choir worker`.")
    if longest > WAITING_WARN_SECONDS:
        return Finding(
            "workers",
            "warn",
            f"{says}, one for {longest:.0f} s",
            "Start another worker: `choir worker`, on any machine.",
        )
    return Finding("workers", "ok", says)


def channels_finding() -> Finding:
    """Channels that wait for a person, whose sign-in no key opens, or whose last attempt failed."""
    waiting = Channel.objects.filter(state=ChannelState.SIGN_IN_NEEDED).values_list("name", flat=True)
    if waiting:
        return Finding("channels", "fail", f"sign-in needed: {', '.join(waiting)}", "Sign in again under Channels.")
    if locked := [one.name for one in Channel.objects.exclude(secret=b"") if not _opens(one)]:
        return Finding(
            "channels",
            "fail",
            f"no key of this installation opens the sign-in of {', '.join(locked)}",
            "Restore keys/ from the backup, or sign in again under Channels.",
        )
    failing = Channel.objects.filter(state=ChannelState.CONNECTED, failures_count__gt=0).first()
    if failing:
        return Finding(
            "channels",
            "warn",
            f"{failing.name} failed {failing.failures_count} times: {failing.failure}",
            "It is tried again by itself; look under Channels if it lasts.",
        )
    return Finding("channels", "ok", f"{Channel.objects.count()} set up")


def _opens(channel: Channel) -> bool:
    try:
        open_sealed(bytes(channel.secret))
    except UnreadableSecretError:
        return False
    return True


def clock_finding() -> Finding:
    """This machine's clock against the database's, and against what was recorded last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    apart = abs((theirs - timezone.now()).total_seconds())
    newest = Event.objects.aggregate(newest=Max("recorded_at"))["newest"]
    advice = "Let a time service set the clock (chrony, systemd-timesyncd): figures and clocks depend on it."
    if apart > CLOCK_WARN_SECONDS:
        return Finding("clock", "warn", f"{apart:.1f} s apart from the database's", advice)
    if newest and newest > timezone.now() + dt.timedelta(seconds=CLOCK_WARN_SECONDS):
        return Finding(
            "clock", "fail", f"it was set back: events are recorded up to {newest:%Y-%m-%d %H:%M} UTC", advice
        )
    return Finding("clock", "ok", f"{apart * 1000:.0f} ms apart from the database's")
