"""Reading Choir's pages from outside, as a browser would: their forms, their links and their words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

TEXTLESS = frozenset({"script", "style"})


@dataclass
class Form:
    """A form: where it posts to, and what is filled in already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Link:
    """A link and its words."""

    address: str
    words: str = ""


@dataclass
class Page(HTMLParser):
    """A page, read once."""

    text: str
    forms: list[Form] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    leaves_at: str = ""  # when an answer that may still be taken back leaves

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._form: Form | None = None
        self._link: Link | None = None
        self._silent = 0
        self.feed(self.text)

    def form_with(self, *names: str) -> Form | None:
        """The first form that has all these fields or buttons."""
        for form in self.forms:
            known = set(form.fields) | {name for name, _ in form.buttons}
            if known >= set(names):
                return form
        return None

    def link_saying(self, words: str) -> Link | None:
        """The first link whose words are these."""
        return next((link for link in self.links if link.words.strip() == words), None)

    def says(self, words: str) -> bool:
        """Whether these words stand on the page."""
        return " ".join(words.split()) in " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag in TEXTLESS:
            self._silent += 1
        elif tag == "form":
            self._form = Form(told.get("action", ""))
            self.forms.append(self._form)
        elif tag == "a" and "href" in told:
            self._link = Link(told["href"])
            self.links.append(self._link)
        elif tag == "undo-countdown":
            self.leaves_at = told.get("until", "")
        elif self._form is not None and name:
            if tag == "button":
                self._form.buttons.append((name, told.get("value", "")))
            elif told.get("type") not in ("checkbox", "radio") or "checked" in told:
                self._form.fields.setdefault(name, told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        if tag in TEXTLESS:
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        """Note what is said."""
        if self._silent:
            return
        self.words.append(data)
        if self._link is not None:
            self._link.words += data
