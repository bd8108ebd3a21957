"""A strategy for texts that are right but badly laid out: comments, blank lines, brackets over many lines."""

from random import Random

from hypothesis import strategies as st

from lifeseg.syntax.definitions import File
from lifeseg.syntax.to_text import to_text
from tests.syntax.trees import files


class Mess:
    """Spoils lines; its comments are numbered, so that their order can be told."""

    def __init__(self, chance: Random) -> None:
        self.chance, self.comments = chance, 0

    def comment(self, before: str) -> str:
        self.comments += 1
        return f"{before}# {self.comments}"

    def between(self) -> list[str]:
        """Blank lines and comments above a line."""
        lines = []
        while self.chance.random() < 0.15:
            indentation = " " * self.chance.randrange(8)
            lines.append(indentation if self.chance.random() < 0.5 else self.comment(indentation))
        return lines

    def broken(self, line: str) -> str:
        """The line with breaks and comments at blanks inside brackets, and something at its end."""
        text, quoted, depth = "", False, 0
        for sign in line:
            quoted ^= sign == '"'
            depth += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
            breaks = sign == " " and depth > 0 and not quoted and self.chance.random() < 0.1
            text += self.line_break() if breaks else sign
        ending = self.chance.choice(["", "", "", "  ", "comment"])
        return text + (self.comment(" ") if ending == "comment" else ending)

    def line_break(self) -> str:
        before = self.chance.choice(["", "  ", "\n    "])
        return (self.comment(before) if before else "") + "\n      "


def spoilt(file: File, chance: Random) -> str:
    mess = Mess(chance)
    lines: list[str] = []
    for line in to_text(file).split("\n"):
        lines += mess.between()
        lines += mess.broken(line).split("\n") if line else [""]
    return "\n".join(lines)


def messy_texts() -> st.SearchStrategy[str]:
    return st.builds(spoilt, files(), st.integers(0, 10**6).map(Random))
