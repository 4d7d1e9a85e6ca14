"""What `choir doctor` can say of the installation itself: folder, keys, settings, disk. Needs no Django."""

import difflib
import ipaddress
import os
import shutil
import stat
from collections.abc import Iterator

from cryptography.fernet import Fernet

from choir.installation.home import Home
from choir.operations.finding import Finding
from config.environment import PREFIX, Environment, variable

GIBIBYTE = 1024**3
DISK_WARN = 5 * GIBIBYTE
DISK_FAIL = GIBIBYTE // 2


def installation_findings(home: Home, settings: Environment) -> Iterator[Finding]:
    """Everything that can be looked at while the database is down."""
    yield settings_finding(settings)
    yield keys_finding(home)
    yield disk_finding(home)


def settings_finding(settings: Environment) -> Finding:
    """Misspelt settings, and those that should not be seen on a public address."""
    known = {variable(name) for name in Environment.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "docs/settings.md lists them all."
            return Finding("settings", "warn", f"{name} is not a setting of Choir and does nothing", hint)
    public = settings.public_url is not None or not _is_loopback(settings.host)
    for name, on in (("debug", settings.debug), ("demo_sign_in", settings.demo_sign_in)):
        if on and public:
            return Finding(
                "settings", "fail", f"{variable(name)} is on and others can reach this address", "Switch it off."
            )
    if public and not (settings.public_url or "").startswith("https://"):
        return Finding(
            "settings",
            "warn",
            "passwords would travel in clear: the address is not https",
            "Put a proxy with a certificate in front and set CHOIR_PUBLIC_URL to its address.",
        )
    return Finding("settings", "ok", f"pages at {settings.origin}")


def keys_finding(home: Home) -> Finding:
    """The encryption key is a key, and no other account can read any of them."""
    advice = f"Put {home.keys} back from a backup; without the key, channels must be signed in to again."
    try:
        for key in home.encryption_keys:
            Fernet(key)
    except ValueError:
        return Finding("keys", "fail", "the encryption key is damaged", advice)
    open_files = [path.name for path in home.keys.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_files:
        names = ", ".join(open_files)
        return Finding("keys", "fail", f"other accounts can read {names}", f"chmod 600 {home.keys}/*")
    return Finding("keys", "ok", "present, readable by this account alone")


def disk_finding(home: Home) -> Finding:
    """Room for the database, its write-ahead log and media."""
    free = shutil.disk_usage(home.database.resolve() if home.database.exists() else home.path).free
    says = f"{free / GIBIBYTE:.1f} GiB free at {home.path}"
    advice = "Make room or move the installation: PostgreSQL stops when the disk is full."
    if free < DISK_FAIL:
        return Finding("disk", "fail", says, advice)
    if free < DISK_WARN:
        return Finding("disk", "warn", says, advice)
    return Finding("disk", "ok", says)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
