"""dovecot and Postfix as a mail provider runs them, from one folder: Postfix takes mail for `shop.example` and
`customer.example` from anybody on loopback, with a password (dovecot checks it) for who sends from the shop, and hands
it to dovecot over LMTP; dovecot serves it over IMAP and answers for who is on holiday (Sieve). What cannot be delivered
comes back as Postfix reports it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory

from imapclient import IMAPClient

from tests.networks.install import PATH
from tests.networks.servers import free_port, wait_for

DAEMONS = ("/usr/lib/postfix/sbin", "/usr/libexec/postfix")
ON_HOLIDAY = 'require ["vacation"];\nvacation :days 1 :subject "Away" "I am away until Monday.";\n'

DOVECOT = """\
base_dir = {home}/dovecot
log_path = {home}/dovecot.log
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
auth_cache_size = 0
auth_failure_delay = 0 secs
listen = 127.0.0.1
mail_location = maildir:{home}/mail/%n
first_valid_uid = 1
hostname = mx.shop.example
postmaster_address = postmaster@shop.example
submission_host = 127.0.0.1:{smtp}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/passwords
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%n allow_all_users=no
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener sasl {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = {home}/mail/%n.sieve
  sieve_vacation_min_period = 0
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/postfix-state
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.shop.example
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = shop.example, customer.example
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:5.1.2 No such host here
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sender_restrictions = check_sender_access inline:{{{{shop.example=permit_sasl_authenticated,reject}}}}
smtpd_peername_lookup = no
smtpd_recipient_restrictions = permit
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
lmtp_connection_cache_on_demand = no
default_destination_concurrency_failed_cohort_limit = 0
lmtp_destination_concurrency_failed_cohort_limit = 0
"""

MASTER = """\
{smtp}    inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 1 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class MailServers:
    """Both servers; passwords by address."""

    def __init__(self, home: Path, passwords: dict[str, str]) -> None:
        self.home, self.passwords = home, passwords
        self.imap, self.smtp, lmtp, sasl = (free_port() for _ in range(4))
        account = pwd.getpwnam("nobody")
        daemons = next(one for one in DAEMONS if Path(one).exists())
        stated = {"home": home, "imap": self.imap, "smtp": self.smtp, "lmtp": lmtp, "sasl": sasl}
        stated |= {"uid": account.pw_uid, "gid": account.pw_gid, "daemons": daemons}
        for folder in ("mail", "queue", "postfix-state", "postfix"):
            (home / folder).mkdir()
        shutil.chown(home / "mail", account.pw_uid, account.pw_gid)
        shutil.chown(home / "postfix-state", "postfix")
        (home / "dovecot.conf").write_text(DOVECOT.format(**stated))
        (home / "postfix/main.cf").write_text(MAIN.format(**stated))
        (home / "postfix/master.cf").write_text(MASTER.format(**stated))
        self.dovecot: subprocess.Popen[bytes] | None = None
        self.mailer: subprocess.Popen[bytes] | None = None
        self.know()

    def know(self) -> None:
        """Write down the passwords as they are now, and wait: dovecot looks at most once a second."""
        lines = [f"{address}:{{PLAIN}}{password}::::::\n" for address, password in self.passwords.items()]
        (self.home / "passwords").write_text("".join(lines))
        if self.dovecot is not None:
            time.sleep(1.1)

    def start(self) -> None:
        """Both, in the foreground of processes of ours, until they answer."""
        self.start_dovecot()
        self.mailer = self._run(["postfix", "-c", str(self.home / "postfix"), "start-fg"])
        wait_for(self.smtp)

    def start_dovecot(self) -> None:
        """Mail can be read, delivered and sent (it checks who sends. Postfix asks it through connections
        that are dead once it was gone: its processes make way for others)."""
        self.dovecot = self._run(["dovecot", "-F", "-c", str(self.home / "dovecot.conf")])
        wait_for(self.imap)
        if self.mailer is not None:
            self._run(["postfix", "-c", str(self.home / "postfix"), "reload"]).wait(timeout=30)
            time.sleep(1)

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        program = shutil.which(command[0], path=PATH)
        assert program, command[0]
        with (self.home / "servers.log").open("ab") as log:
            return subprocess.Popen([program, *command[1:]], stdout=log, stderr=log, start_new_session=True)

    def stop_dovecot(self) -> None:
        """SIGTERM, which ends its children and their connections."""
        if self.dovecot is not None:
            self.dovecot.terminate()
            self.dovecot.wait()
        self.dovecot = None

    def stop(self) -> None:
        """Both."""
        self.stop_dovecot()
        if self.mailer is not None:
            master = int((self.home / "queue/pid/master.pid").read_text())  # what we started only waits for it
            with suppress(ProcessLookupError):
                os.kill(master, signal.SIGTERM)
            self.mailer.terminate()
            self.mailer.wait(timeout=30)
        self.mailer = None

    def send(self, mail: EmailMessage, *, to: str, sender: str | None = None) -> str:
        """Hand a mail to Postfix as a customer's provider would, again where it hangs up before its greeting, as it may
        while a part of it starts; its id."""
        with self._greeted() as client:
            client.send_message(mail, from_addr=sender if sender is not None else str(mail["From"]), to_addrs=[to])
        return str(mail["Message-ID"]).strip("<>")

    def _greeted(self, *, seconds: float = 30) -> smtplib.SMTP:
        end = time.monotonic() + seconds
        while True:
            try:
                return smtplib.SMTP("127.0.0.1", self.smtp, timeout=30)
            except smtplib.SMTPServerDisconnected:
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)

    @contextmanager
    def mailbox(self, address: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """Somebody's own mail programme, on a folder."""
        with IMAPClient("127.0.0.1", port=self.imap, ssl=False) as client:
            client.login(address, self.passwords[address])
            client.select_folder(folder)
            yield client

    def all_delivered(self, *, seconds: float = 120) -> None:
        """Until nothing waits in Postfix's queues."""
        end = time.monotonic() + seconds
        while any(any((self.home / "queue" / one).rglob("*")) for one in ("maildrop", "incoming", "active")) or any(
            one.is_file() for one in (self.home / "queue/deferred").rglob("*")
        ):
            assert time.monotonic() < end, f"mail still waits after {seconds} s"
            time.sleep(0.05)

    def on_holiday(self, address: str, *, is_away: bool) -> None:
        """Somebody's provider answers for them, or no longer."""
        script = self.home / "mail" / f"{address.partition('@')[0]}.sieve"
        if is_away:
            script.write_text(ON_HOLIDAY)
            shutil.chown(script, "nobody")
        else:
            script.unlink(missing_ok=True)


@contextmanager
def mail_servers(passwords: dict[str, str]) -> Iterator[MailServers]:
    """Both, for as long as the block runs, in a folder that their own accounts may reach (pytest's are closed)."""
    with TemporaryDirectory(prefix="choir-mail-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        servers = MailServers(home, passwords)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()
