"""Keys by which Russian names sort and are found alike on every build of the database.

PostgreSQL built without ICU, and the C collation, order text by code point: there «Ё» stands before
«А» and «ё» after «я». A key column sidesteps the build instead of demanding one.
"""

import re
import unicodedata

_QUOTATION_MARKS = re.compile("[\"'«»„“”‘’‚‹›]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def sort_key(name: str) -> str:
    """The key of a name whose code point order is the order of the Russian alphabet.

    Case is folded, «Ё» counts as «Е» and any run of white space as one space. Names that differ
    in nothing else share a key, so a list needs a second order, such as the name itself.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(folded.replace("ё", "е").split())


def search_key(name: str) -> str:
    """The key under which a name is found: `sort_key` without quotation marks, all dashes alike.

    People type «ооо промсвар» and mean «ООО «Промсвар»».
    """
    return sort_key(_DASHES.sub("-", _QUOTATION_MARKS.sub(" ", name)))
