"""The form for connecting an account, made of what a connector's manifest asks for."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from django import forms

from choir.channels.contract import Field, FieldKind, Manifest, SignIn
from choir.channels.models import Channel
from choir.channels.secrets import UnreadableSecretError
from choir.people.models import Organisation

ACCOUNTABLE = "accountable_department"
SECRET_BYTES = 32


class ConnectForm(forms.Form):
    """What a connector asks for, and who answers for the channel. Of a channel that is connected again, what is known
    stands there already, except secrets."""

    def __init__(
        self, *args: Any, manifest: Manifest, organisation: Organisation, channel: Channel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.manifest, self.channel = manifest, channel
        leaves = self.data.get("way", SignIn.CODE) == SignIn.CODE
        for one in manifest.fields:
            self.fields[one.name] = _field(one, channel, is_required=one.is_required or (one.is_for_code and leaves))
        if channel is None:
            self.fields[ACCOUNTABLE] = forms.ModelChoiceField(
                organisation.departments.all(),
                empty_label="Choose a department",
                label="Accountable department",
                help_text="Answers for this channel: its tone, its figures, and what nobody else owns.",
            )

    @property
    def plain(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [self[name] for name in self.fields if name not in self._advanced]

    @property
    def advanced(self) -> list[forms.BoundField]:
        """What most people leave alone."""
        return [self[name] for name in self.fields if name in self._advanced - self._tokens]

    @property
    def tokens(self) -> list[forms.BoundField]:
        """What stands in for signing in on the network, where that is possible."""
        return [self[name] for name in self.fields if name in self._tokens]

    @property
    def _advanced(self) -> set[str]:
        return {one.name for one in self.manifest.fields if one.is_advanced}

    @property
    def _tokens(self) -> set[str]:
        by_consent = SignIn.CODE in self.manifest.sign_in
        return {one.name for one in self.manifest.fields if one.is_advanced and one.is_secret and by_consent}

    def settings(self) -> dict[str, Any]:
        """What is kept as it is."""
        return {one.name: self.cleaned_data[one.name] for one in self.manifest.fields if not one.is_secret}

    def secret(self) -> dict[str, str]:
        """What is kept sealed; of a channel that is connected again, what was kept where nothing new is filled in."""
        names = [one.name for one in self.manifest.fields if one.is_secret]
        kept = self._kept()
        stated = {name: self.cleaned_data[name] or kept.get(name, "") for name in names}
        return {name: value for name, value in stated.items() if value}

    def _kept(self) -> dict[str, str]:
        try:
            return self.channel.open_secret() if self.channel is not None else {}
        except UnreadableSecretError:
            return {}


def _field(one: Field, channel: Channel | None, *, is_required: bool) -> forms.Field:
    stated: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": is_required}
    if channel is not None and one.is_secret and channel.secret:
        stated |= {"required": False, "help_text": f"Empty: the one that is kept. {one.help}"}
    if channel is not None and not one.is_secret:
        stated["initial"] = channel.settings.get(one.name)
    made = KINDS.get(one.kind)
    if made is not None:
        return made(one, stated)
    widget = forms.PasswordInput(attrs={"autocomplete": "off"}) if one.is_secret else forms.TextInput()
    return forms.CharField(widget=widget, max_length=2000, **stated)


def _choice(one: Field, stated: dict[str, Any]) -> forms.Field:
    choices = [("", "Found by itself"), *((option, option.upper()) for option in one.options)]
    return forms.ChoiceField(choices=choices, **stated)


def fresh_secret() -> str:
    """A signing secret as Standard Webhooks writes it."""
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


KINDS: dict[FieldKind, Callable[[Field, dict[str, Any]], forms.Field]] = {
    FieldKind.FLAG: lambda _, stated: forms.BooleanField(**(stated | {"required": False})),
    FieldKind.CHOICE: _choice,
    FieldKind.NUMBER: lambda _, stated: forms.IntegerField(min_value=1, max_value=65535, **stated),
    FieldKind.EMAIL: lambda _, stated: forms.EmailField(**stated),
    FieldKind.LINES: lambda _, stated: forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, **stated
    ),
    FieldKind.GENERATED: lambda _, stated: forms.CharField(initial=fresh_secret, max_length=400, **stated),
}
