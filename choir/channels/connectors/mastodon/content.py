"""The HTML that servers make of a post (https://docs.joinmastodon.org/spec/activitypub/#sanitization) as plain text: a
small, known set of tags, in which people and links are spans within links and must stay one word."""

from html.parser import HTMLParser

from choir.readable import tidied

PARAGRAPHS = {"p", "pre", "blockquote", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}


class _Text(HTMLParser):
    """Keeps the words; a quote's fallback link for servers that show none is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.left_out = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Breaks and paragraphs."""
        if "quote-inline" in (dict(attrs).get("class") or ""):
            self.left_out = tag
        if tag == "br":
            self.parts.append("\n")
        elif tag in PARAGRAPHS and self.parts:
            self.parts.append("\n\n")
        elif tag == "li":
            self.parts.append("\n- ")

    def handle_endtag(self, tag: str) -> None:
        """The end of what is left out."""
        if tag == self.left_out:
            self.left_out = ""

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.left_out:
            self.parts.append(data)


def text_of(content: str) -> str:
    """The words of a post."""
    reading = _Text()
    reading.feed(content)
    reading.close()
    return tidied("".join(reading.parts))
