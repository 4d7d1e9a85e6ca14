"""Personal data in a text: where it stands and what it is, so that it can be masked before anyone else sees it.

Checks beat shapes: a card number must pass the Luhn test, an IBAN its remainder, a telephone number must not be an
order number. A postal address is a street with its number and a postcode or a word that announces it; names are not
looked for.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

READ_CHARACTERS = 20_000


class Kind(StrEnum):
    """What a span is."""

    CARD = "card"
    IBAN = "iban"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of personal data: text[begin:end]."""

    kind: Kind
    begin: int
    end: int


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?!\w)", re.IGNORECASE)
_CARD = re.compile(r"(?<![\d+])\d(?:[ -]?\d){12,18}(?!\d)")
_PHONE = re.compile(r"(?<![\w+#/-])(?<!\d[ -])(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){6,14}(?![\w/-])(?! \d)")
_ABOUT_PHONE = re.compile(
    r"(?:phone|mobile|cell|call|whatsapp|tel|sms|reach me|number is|nummer|handy|anruf|llam|móvil|appel|portable"
    r"|cellulare|chiam|telef|ligar|bel |هاتف|جوال|رقمي|電話|携帯)\W*(?:\w+\W+){0,4}$",
    re.IGNORECASE,
)
_STREET_WORD = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|close|court|crescent|terrace|gardens|boulevard|blvd|way|square"
    r"|place)"
)
_NAME = r"[^\W\d_][\w.'’-]{1,30}"
_STREET = (
    rf"(?:\d{{1,5}}[a-z]?,?[ ](?:{_NAME}[ ]){{1,3}}{_STREET_WORD}\b\.?"
    rf"|[^\W\d_][\w-]{{1,30}}(?:str(?:aße|asse|\.)|straat|weg|gasse|laan|allee|platz|plein)"
    rf"[ ]?\d{{1,4}}[ ]?[a-z]?\b"
    rf"|(?:calle|c/|avenida|avda\.?|paseo|plaza|rua|travessa|via|viale|corso|piazza|rue|avenue|chemin|impasse)"
    rf"[ ](?:{_NAME}[ ]){{0,4}}{_NAME},?[ ](?:n[º°.]?[ ]?)?\d{{1,4}}[a-z]?\b"
    rf"|\d{{1,4}}(?:[ ]bis|[ ]ter)?,?[ ](?:rue|avenue|boulevard|chemin|impasse|allée|place|quai)"
    rf"[ ](?:{_NAME}[ ]){{0,4}}{_NAME})"
)
_CODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|\d{5}-\d{3}|\d{4}[ ]?[A-Z]{2}|\d{4}-\d{3}|\d{5}(?:-\d{4})?)"
_ADDRESS = re.compile(
    rf"(?<!\w){_STREET}(?:(?:,|\n|[ ])[ ]?(?:{_NAME}[ ,]+){{0,3}}{_CODE}(?!\w)(?:[ ]{_NAME})?)?", re.IGNORECASE
)
_HAS_CODE = re.compile(rf"(?<!\w){_CODE}(?!\w)", re.IGNORECASE)
_ABOUT_ADDRESS = re.compile(
    r"(?:address|live at|living at|deliver(?:ed)? to|ship(?:ped)? to|adresse|wohne|anschrift|dirección|vivo en"
    r"|indirizzo|abito|endereço|moro na|morada|adres|woon|habite)\W*(?:\w+\W+){0,4}$",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


def personal_data(text: str) -> list[Span]:
    """All spans, by position, not overlapping; the stricter kind wins where two fit."""
    found: list[Span] = []
    part = text[:READ_CHARACTERS]
    has_figures = bool(_FIGURE.search(part))
    for kind, pattern in (
        (Kind.EMAIL, _EMAIL),
        (Kind.IBAN, _IBAN),
        (Kind.CARD, _CARD),
        (Kind.PHONE, _PHONE),
        (Kind.ADDRESS, _ADDRESS),
    ):
        if not has_figures and kind is not Kind.EMAIL:
            continue
        for match in pattern.finditer(part):
            span = Span(kind, *match.span())
            if _holds(kind, part, span) and not any(
                span.begin < other.end and other.begin < span.end for other in found
            ):
                found.append(span)
    return sorted(found, key=lambda span: span.begin)


def masked(text: str) -> str:
    """The text with each piece of personal data replaced by its kind in brackets."""
    parts, last = [], 0
    for span in personal_data(text):
        parts += [text[last : span.begin], f"[{span.kind}]"]
        last = span.end
    return "".join([*parts, text[last:]])


def passes_luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def passes_iban(iban: str) -> bool:
    """The remainder of an IBAN (ISO 13616): letters as numbers, modulo 97 is 1."""
    moved = iban[4:] + iban[:4]
    return 15 <= len(iban) <= 34 and int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


def _holds(kind: Kind, text: str, span: Span) -> bool:
    said = text[span.begin : span.end]
    if kind is Kind.IBAN:
        compact = re.sub(r"[ -]", "", said).upper()
        return compact.isascii() and passes_iban(compact)
    if kind is Kind.CARD:
        digits = re.sub(r"\D", "", said)
        return digits.isascii() and len(set(digits)) > 1 and digits[0] in "23456" and passes_luhn(digits)
    if kind is Kind.PHONE:
        return _is_phone(text, said, span.begin)
    if kind is Kind.ADDRESS:
        return bool(_HAS_CODE.search(said) or _ABOUT_ADDRESS.search(text[max(0, span.begin - 60) : span.begin]))
    return True


def _is_phone(text: str, said: str, begin: int) -> bool:
    """International form, or written as telephone numbers are, or announced as one."""
    digits = re.sub(r"\D", "", said)
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(said.strip()):
        return False
    if said.startswith(("+", "00")) and len(digits) >= 9:
        return True
    if _ABOUT_PHONE.search(text[max(0, begin - 60) : begin]):
        return True
    return len(digits) >= 9 and bool(
        re.fullmatch(r"\(?0?\d{2,5}\)?[ ./-]{1,2}\d{3,4}[ .-]\d{3,4}(?:[ .-]\d{2,4})?", said)
    )
