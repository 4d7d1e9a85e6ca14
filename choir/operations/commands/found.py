"""`choir found`: the first organisation of an installation, and the person who runs it."""

import json
import sys
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from choir.administration.people import PeopleRefusedError, found_organisation
from choir.operations.ready import Refusal


def command(
    name: Annotated[str, typer.Argument(help="The organisation's name.")],
    *,
    email: Annotated[str, typer.Option(help="Your address; you sign in with it.")],
    person: Annotated[str, typer.Option(help="Your name, as colleagues know you.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when not given.")
    ],
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Berlin.")] = "UTC",
    as_json: Annotated[bool, typer.Option("--json", help="Report as one JSON line.")] = False,
) -> None:
    """Begin: an organisation with the usual departments and owners, and you as its administrator and champion.

    Example: choir found Northwind --email maria@northwind.example --person "Maria Lund" --time-zone Europe/Oslo
    """
    try:
        validate_password(password)
        founder = found_organisation(
            name=name, email=email, person_name=person, password=password, time_zone=time_zone, at=timezone.now()
        )
    except (PeopleRefusedError, ValidationError) as error:
        raise Refusal(" ".join(getattr(error, "messages", [str(error)]))) from error
    organisation = founder.organisation
    if as_json:
        sys.stdout.write(json.dumps({"ok": True, "organisation": organisation.slug, "email": founder.email}) + "\n")
    else:
        sys.stdout.write(f"{organisation.name} is founded; start with `choir up` and sign in as {founder.email}.\n")
