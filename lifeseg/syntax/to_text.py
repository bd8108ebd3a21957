"""A syntax tree comes in, policy text in the one canonical layout goes out. Knows nothing of what it means.

Two blanks a level; a blank line between definitions, single ones inside where there were any; information
first, in the order of `tree.INFORMATION`; a fact's type, then key, optional, personal, step, source; tables
aligned, nothing else. Comments stay with their lines; nothing moves past a comment on a line of its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from lifeseg.syntax.definitions import Claim, Comment, File
from lifeseg.syntax.entries import GOES_ON, Entry, Source, entry_of
from lifeseg.syntax.expression_text import expression_to_text

__all__ = ("expression_to_text", "to_text")


def to_text(file: File) -> str:
    """The text of a file. What has a mistake is not in its tree: lay out files without findings only."""
    lines = file.text.split("\n")
    source = Source(lines, [comment.span.line for comment in file.comments])
    roots = [entry_of(definition, source) for definition in file.definitions]
    layout = Layout(lines, roots, file.comments)
    short = [
        isinstance(definition, Claim) and not root.children
        for definition, root in zip(file.definitions, roots, strict=True)
    ]
    together = [False, *(a and b for a, b in pairwise(short))]
    for root, may_touch in zip(roots, together, strict=False):
        layout.definition(root, may_touch)
    layout.ending()
    return "".join(f"{line}\n" for line in layout.out)


def flat(entries: Iterable[Entry]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from flat(entry.children)


class Layout:
    """Writes entries line by line, each with its comments."""

    def __init__(self, lines: Sequence[str], roots: Sequence[Entry], comments: Sequence[Comment]) -> None:
        self.lines = lines
        self.out: list[str] = []
        self.depth = 0  # of the line written last
        self.columns: list[int] = []  # where the last entry and those it stands beneath began in the source
        self.entries = sorted(flat(roots), key=lambda entry: entry.line)
        self.places = {entry: place for place, entry in enumerate(self.entries)}
        self.before: dict[Entry | None, list[Comment]] = {}  # None: at the end of the file
        self.behind: dict[Entry, Comment] = {}
        self.attach(comments)

    def attach(self, comments: Sequence[Comment]) -> None:
        """Gives each comment to the entry whose line it ends, or else to the next one below.

        What stood behind the first of several lines that now are one goes above it.
        """
        starts = [entry.line for entry in self.entries]
        groups: dict[int, list[Comment]] = {}
        for comment in comments:
            groups.setdefault(bisect_right(starts, comment.span.line) - 1, []).append(comment)
        for place, group in groups.items():
            ends = [n for n, comment in enumerate(group) if not comment.alone and place >= 0]
            ending = ends[-1] if ends else -1
            if ending >= 0:
                entry = self.entries[place]
                self.before.setdefault(entry, []).extend(group[:ending])
                self.behind[entry] = group[ending]
            self.before.setdefault(self.following(place), []).extend(group[ending + 1 :])

    def following(self, place: int) -> Entry | None:
        return self.entries[place + 1] if place + 1 < len(self.entries) else None

    # ---- Writing ----------------------------------------------------------------------------------

    def definition(self, root: Entry, may_touch: bool) -> None:
        """Writes a definition; a blank line parts it from the one before, above the comments on it."""
        comments = self.before.get(root, [])
        blanks = [self.blank_above(comment.span.line) for comment in comments]
        blanks.append(self.blank_above(root.line))
        depths = [*self.depths(comments, root, 0), 0]
        lead = depths.index(0)
        if not may_touch and not any(blanks[lead:]):
            blanks[lead] = True
        for comment, depth, blank in zip(comments, depths, blanks, strict=False):
            self.put(comment.text, depth, blank)
        self.line(root, 0, blanks[-1])
        self.beneath(root, 1)

    def beneath(self, parent: Entry, depth: int) -> None:
        for entry in self.ordered(parent):
            self.comments(entry, depth)
            self.line(entry, depth, entry.rank != GOES_ON and self.blank_above(entry.line))
            self.beneath(entry, depth + 1)

    def ending(self) -> None:
        self.comments(None, 0)

    def comments(self, entry: Entry | None, depth: int) -> None:
        above = self.before.get(entry, [])
        for comment, deep in zip(above, self.depths(above, entry, depth), strict=True):
            self.put(comment.text, deep, comment.alone and self.blank_above(comment.span.line))

    def line(self, entry: Entry, depth: int, blank: bool) -> None:
        behind = self.behind.get(entry)
        self.put(entry.text + (f"  {behind.text}" if behind is not None else ""), depth, blank)
        self.columns[depth:] = [self.indentation(entry)]

    def put(self, text: str, depth: int, blank: bool) -> None:
        if blank and self.out and depth <= self.depth:  # never between a line and the first beneath it
            self.out.append("")
        self.out.append("  " * depth + text)
        self.depth = depth

    # ---- What the source says ---------------------------------------------------------------------

    def blank_above(self, line: int) -> bool:
        return line > 1 and not self.lines[line - 2].strip()

    def indentation(self, entry: Entry | None) -> int:
        if entry is None or entry.line == 0:
            return 0
        line = self.lines[entry.line - 1]
        return len(line) - len(line.lstrip())

    def depths(self, comments: Sequence[Comment], entry: Entry | None, depth: int) -> list[int]:
        """How deep the comments above an entry stand: like the entry, or deeper to close the block before."""
        found: list[int] = []
        for comment in comments:
            column = comment.span.column - 1
            closes = comment.alone and column > self.indentation(entry)
            deep = max(depth, bisect_right(self.columns, column) - 1) if closes else depth
            found.append(min([deep, *found[-1:]]))
        return found

    def ordered(self, parent: Entry) -> list[Entry]:
        """The entries beneath in canonical order, or as written if a comment would lose its place."""
        written = sorted(parent.children, key=lambda entry: entry.line)
        canonical = sorted(written, key=lambda entry: entry.rank)
        moved = [n for n, entry in enumerate(written) if entry is not canonical[n]]
        if not moved:
            return canonical
        region = list(flat(written[moved[0] : moved[-1] + 1]))
        last = max(self.places[entry] for entry in region)
        closing = [
            comment
            for comment in self.before.get(self.following(last), ())
            if comment.span.column - 1 > self.indentation(parent)
        ]
        alone = [comment for entry in region for comment in self.before.get(entry, ()) if comment.alone]
        stays = any(comment.alone for comment in closing) or alone
        return written if stays else canonical
