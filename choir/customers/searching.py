"""How words are found again in any script: names and handles here, messages in the inbox.

PostgreSQL's parser cuts text at spaces. Scripts that write none (Chinese, Japanese, Thai, Lao, Burmese, Khmer)
would become one long word a sentence, so that nothing inside it is found. Here each of their characters is a word
of its own, and what is looked for in them is a phrase of such words: any run of characters is found, without an
extension.
"""

import re

from django.contrib.postgres.search import SearchVector
from django.db.models import Func, Value
from django.db.models.functions import Left

SEARCHED_CHARACTERS = 20_000  # PostgreSQL refuses search documents over 1 MB
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
MARKS = r"\u2000-\u206f\u00ab\u00bb\u00bf\u00a1\u060c\u061b\u061f"  # quotes, dashes, ¿ ¡ ، ؛ ؟
TERM = re.compile(r'(?P<not>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))')


def words_of(field: str) -> SearchVector:
    """The words of a column, for a generated search column."""
    text = Left(field, SEARCHED_CHARACTERS)
    without_marks = Func(text, Value(f"[{MARKS}]"), Value(" "), Value("g"), function="regexp_replace")
    spaced = Func(without_marks, Value(f"([{UNSPACED}])"), Value(r" \1 "), Value("g"), function="regexp_replace")
    return SearchVector(spaced, config="simple")


def tsquery(typed: str) -> str:
    """What a person typed as the text of a PostgreSQL tsquery, "" when there is no word in it.

    As search engines do: words are all wanted, "in quotes" is a phrase, `-word` is unwanted, `or` between words
    means either. The last word may be the beginning of one.
    """
    terms = list(TERM.finditer(typed.replace("\0", " ")))
    query, joined = "", " & "
    for place, term in enumerate(terms):
        if (term["word"] or "").lower() == "or" and query:
            joined = " | "
            continue
        words = _cleaned(term["phrase"] if term["word"] is None else term["word"])
        if not words:
            continue
        is_begun = place == len(terms) - 1 and term["word"] is not None and not _ends_unspaced(words)
        wanted = f"'{words}'" + (":*" if is_begun else "")
        query += (joined if query else "") + ("!" if term["not"] else "") + wanted
        joined = " & "
    return query


def _cleaned(text: str) -> str:
    """The words of a term as the column has them, safe between the single quotes of a tsquery."""
    spaced = re.sub(f"([{UNSPACED}])", r" \1 ", re.sub(f"[{MARKS}'\\\\]", " ", text))
    words = " ".join(spaced.split())
    return words if any(character.isalnum() for character in words) else ""


def _ends_unspaced(words: str) -> bool:
    return re.search(f"[{UNSPACED}]$", words) is not None
