"""Names in plain letters: to compare them, and to make ids of them."""

import unicodedata

LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ð": "d", "þ": "th"}
    | {"ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
)
"""Letters that Unicode does not take apart into a plain one and an accent."""


def plain(text: str) -> str:
    """A name in small Latin letters without accents, for comparing."""
    apart = unicodedata.normalize("NFKD", text.translate(LETTERS))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def slug(text: str) -> str:
    """A name as part of an id: small letters and digits joined by hyphens."""
    kept = "".join(c if c.isalnum() else "-" for c in plain(text))
    return "-".join(part for part in kept.split("-") if part) or "x"


def unlike(names: list[str]) -> list[str]:
    """The names, with a number on those that came before: one that no other has."""
    taken, given = set(names), set[str]()
    number: dict[str, int] = {}
    ids = []
    for name in names:
        new = name
        while new in given or (new != name and new in taken):
            number[name] = number.get(name, 1) + 1
            new = f"{name}-{number[name]}"
        given.add(new)
        ids.append(new)
    return ids
