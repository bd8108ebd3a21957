"""Names, titles and texts for policies, chosen to be trying: other scripts, words of SQL, quotes, marks nobody sees."""

from __future__ import annotations

from random import Random

NAMES = (
    "loyalty", "revenue", "arrears", "amount_due", "visits", "level", "Level", "LEVEL", "x", "X", "_k1", "_k2",
    "_value", "select", "order", "group", "union", "null", "true", "user", "date", "index", "end", "row", "rows",
    "place", "l", "r", "customer_id_2", "顾客价值", "価値", "قيمة", "ценность", "Ценность", "αξία", "naïve", "Ünal", "ß", "ẞ",
    "straße", "ümlaut", "a__b", "_claim_0", "_c0", "s0", "q1", "m0", "_1_level", "level_2", "bit", "desc", "limit",
    "offset", "having", "cast", "current_date", "timestamp", "struct", "map", "长" * 30,
    "value_of_the_relationship_over_the_whole_life_of_the_contract",
)  # fmt: skip
WORDS = (
    "shop", "app", "2G", "it's", "重要", "", " ", "a b", "\\", "\\n", "';--", "); DROP TABLE x; --", "%", "_", "null",
    "NULL", "é", "e\u0301", "ﬁ", "😀", "𝔘", "ß", "SS", "0", "1", "true", "naïve", "ع", "z", "Z", "a", "A", "${x}",
    "{{x}}", "?", ":x", "$1",
)  # fmt: skip
DATA_WORDS = (*WORDS, '"', 'say "hi"', "line\nbreak", "tab\there", "\u200b", "\x00", "\r\n", ",", "\ufeff")
TITLES = ("Value", "It's % of {all}", "价值", "a; -- b", "/* no */ comment", "'", "\\", "é\u0301 ﬁ")


class Names:
    """Gives each name once, for whatever it is."""

    def __init__(self, source: Random) -> None:
        self.source = source
        self.taken: set[str] = {"today"}
        self.count = 0

    def fresh(self, stem: str) -> str:
        """A name of a pool, or a plain numbered one."""
        if self.source.random() < 0.35:
            name = self.source.choice(NAMES)
            if self.free(name):
                self.taken.add(name)
                return name
        self.count += 1
        name = f"{stem}{self.count}"
        if not self.free(name):
            return self.fresh(stem)
        self.taken.add(name)
        return name

    def free(self, name: str) -> bool:
        return name not in self.taken


def title(source: Random) -> str:
    """Nothing, or a title in quotes with a blank before it."""
    return f' "{source.choice(TITLES)}"' if source.random() < 0.2 else ""


def quoted_if_needed(word: str) -> str:
    """An option or a text as a policy writes it: a plain name may stand bare."""
    return word if word.isidentifier() and word.isascii() and word not in RESERVED else f'"{word}"'


RESERVED = {"true", "null", "one", "missing", "not", "no", "yes", "and", "or", "is"}
