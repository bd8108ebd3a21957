"""An expression comes in; the words in which the analyst wrote it go out, or, where it is nowhere written, its wording."""

from __future__ import annotations

from lifeseg.frozen import dataclass
from lifeseg.model import expression as e
from lifeseg.model.model import Model
from lifeseg.model.wording import wording


@dataclass(frozen=True, slots=True)
class Words:
    """The policy's texts, to quote from."""

    lines: dict[str, list[str]]
    quoting: bool = True  # what is made of offers is nowhere written

    def quote(self, node: e.Expression) -> str:
        """The node as the analyst wrote it, on one line, without comments; a distance, and what was, is nowhere written."""
        if (
            not self.quoting
            or isinstance(node, e.Distance)
            or (isinstance(node, e.Compare) and isinstance(node.left, e.Distance))
        ):
            return wording(node)
        span = node.span
        if (span.line, span.column) == (span.end_line, span.end_column):
            return wording(node)
        lines = self.lines.get(span.file, [])[span.line - 1 : span.end_line]
        if not lines:
            return ""
        if len(lines) == 1:
            return " ".join(lines[0][span.column - 1 : span.end_column - 1].split())
        lines = [lines[0][span.column - 1 :], *lines[1:-1], lines[-1][: span.end_column - 1]]
        return " ".join(" ".join(line.split("  #")[0] for line in lines).split())


def words_of(model: Model) -> Words:
    return Words({file: text.split("\n") for file, text in model.sources.items()})
