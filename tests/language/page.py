"""A Markdown page comes in; its examples go out: policy, records, expected outputs; and new outputs go back.

A page is prose with fenced blocks. The blocks under one heading are an example:

    ```seg                      policy text; several blocks are the files of one policy
    ```seg new                  … which starts another example under the same heading
    ```seg everywhere           … which belongs to every example that follows on the page
    ```seg bare                 … to which no policy line is added though it has none
    ```seg of NAME              … of another policy, which the example may `use`
    ```seg expand               … in which «x*4000» is so many x and «U+0007» that character
    ```csv customer             records of an entity; also `everywhere`
    ```was customer             the cases that they had in the run before, by their keys; without it, nobody has a past
    ```toml run                 as_of = 2013-06-30
    ```result customer          what comes out: a table with a heading row, which says the columns
    ```kpis                     what the KPIs came to
    ```explain customer C1      why a record came out as it did; with `zh`, in Chinese
    ```diagnostics              what `lifeseg check` says; with `zh`, in Chinese
    ```diagnostics run          what a run says of records without a case, or with several

A text without a policy line gets one in a file of its own, so that line numbers are those of the block. An
example without diagnostics must have none, and the policy's own tests must pass.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(`{3,})(\S*) *(.*?) *$")
KINDS = ("seg", "csv", "was", "toml", "result", "kpis", "explain", "diagnostics")


@dataclass(frozen=True)
class Block:
    kind: str
    words: tuple[str, ...]
    text: str
    first: int  # the index of its first line in the page's lines
    last: int  # the index of the closing fence

    @property
    def word(self) -> str:
        return self.words[0] if self.words else ""


@dataclass
class Example:
    """What belongs together: one policy with its records and outputs."""

    heading: str
    line: int
    blocks: list[Block] = field(default_factory=list)

    def of(self, kind: str) -> list[Block]:
        return [block for block in self.blocks if block.kind == kind]


def parts(text: str) -> Iterator[Block | Example]:
    """The fenced blocks of a page and its headings, each heading as an example without blocks."""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        if lines[index].startswith("#"):
            yield Example(lines[index].lstrip("# "), index + 1)
        elif fence := FENCE.match(lines[index]):
            end = next(n for n in range(index + 1, len(lines)) if lines[n].rstrip() == fence[1])
            inside = "".join(f"{line}\n" for line in lines[index + 1 : end])
            yield Block(fence[2], tuple(fence[3].split()), inside, index + 1, end)
            index = end
        index += 1


def blocks(text: str) -> list[Block]:
    return [part for part in parts(text) if isinstance(part, Block)]


def examples(text: str) -> list[Example]:
    """The examples of a page, in order."""
    found: list[Example] = []
    everywhere: list[Block] = []
    current = Example("", 1)
    for part in parts(text):
        if isinstance(part, Example):
            current = part
        elif "everywhere" in part.words:
            everywhere.append(part)
        elif part.kind in KINDS:
            if "new" in part.words:
                current = Example(current.heading, part.first)
            if not current.blocks:
                current.blocks += everywhere
                found.append(current)
            current.blocks.append(part)
    return [example for example in found if any(is_own(block) for block in example.blocks)]


def is_own(block: Block) -> bool:
    """Whether a block makes an example of what it belongs to, even where the policy stands elsewhere."""
    return "everywhere" not in block.words and block.kind in (
        "seg",
        "result",
        "kpis",
        "explain",
        "diagnostics",
    )


def rewritten(text: str, outputs: dict[Block, str]) -> str:
    """The page with other texts in some of its blocks."""
    lines = text.split("\n")
    for block, output in sorted(outputs.items(), key=lambda item: -item[0].first):
        lines[block.first : block.last] = output.removesuffix("\n").split("\n") if output else []
    return "\n".join(lines)


def pages(*folders: Path) -> list[Path]:
    return [page for folder in folders for page in sorted(folder.rglob("*.md"))]
