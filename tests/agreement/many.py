"""Engines with numbers of pairs come in, as in `duckdb=10000 spark=300`; every engine is compared with the interpreter on
so many, and how far it came is said all the while.

    python -m tests.agreement.many duckdb=10000 compiled=10000 postgres=1000 spark=300 [--processes 2]
    python -m tests.agreement.many duckdb --pair 1234

What was compared is kept in a file for these very sources, so that the same command goes on where it was stopped. A pair
is made of its number alone: the second form compares one again, and makes it smaller if it differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from lifeseg.plan.from_expression import Gap
from tests.agreement.compare import difference, report
from tests.agreement.engines import ENGINES, SERVERS, Engine, Interpreter
from tests.agreement.pairs import Pair, pair
from tests.agreement.smaller import smaller

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("lifeseg/**/*.py", "grammar/*.lark", "tests/agreement/*.py")
TOGETHER = 50  # numbers of a block, which is compared and kept as a whole
FEWER_TOGETHER = 10  # of an engine that takes seconds for each
MOST_SMALLER = 3  # pairs of a block that are made smaller for their reports
SECONDS_TO_SHRINK = 90
LONGER = {"spark.driver.extraJavaOptions": "-XX:+UseSerialGC -Xshare:auto"}
"""Of a Spark that runs for long enough to be worth compiling well."""


@dataclass
class Block:
    """What an engine said of the pairs of a block: how many policies were made and accepted, on how many records agreed,
    how many need what the engine declares not to have, and the numbers of those that differ, with reports of the first.
    """

    engine: str
    first: int
    made: int = 0
    accepted: int = 0
    agree: int = 0
    gaps: int = 0
    differ: list[int] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)


# ---- Comparing -----------------------------------------------------------------------------------


def together(names: Iterable[str]) -> int:
    return FEWER_TOGETHER if "spark" in names else TOGETHER


def compared(engines: dict[str, Engine], first: int, size: int) -> list[Block]:
    """A block of pairs on every one of the engines; one that failed is opened anew."""
    blocks = [Block(name, first) for name in engines]
    for number in range(first, first + size):
        made = pair(number)
        expected = Interpreter().outcome(made) if made is not None else None
        for block in blocks:
            block.made += 1
            if made is None:
                continue
            block.accepted += 1
            one, wanted = as_held(made, block.engine), expected
            if one is not made:
                wanted = Interpreter().outcome(one)
            try:
                found = difference(one, engines[block.engine], wanted)
            except Gap:
                block.gaps += 1
                continue
            if found is None:
                block.agree += 1
                continue
            block.differ.append(number)
            if len(block.reports) < MOST_SMALLER:
                block.reports.append(reported(one, block.engine, engines[block.engine]))
            engines[block.engine] = anew(block.engine, engines[block.engine])
            opened.cache_clear()
    return blocks


def as_held(made: Pair, engine: str) -> Pair:
    """The pair as an engine can hold it."""
    from tests.agreement.servers import without_nul

    return without_nul(made) if engine == "postgres" else made


def reported(made: Pair, name: str, engine: Engine) -> str:
    """The pair, made smaller as long as it differs, and how it differs."""

    def differs(one: Pair) -> bool:
        try:
            return difference(one, anew(name, engine)) is not None
        except Gap:
            return False

    least = smaller(made, differs, SECONDS_TO_SHRINK)
    found = difference(least, anew(name, engine))
    return f"{made.name} on {name} differed once only" if found is None else report(least, name, found)


def anew(name: str, engine: Engine) -> Engine:
    return ENGINES[name]() if name in ENGINES else engine


@cache
def opened(name: str, address: str) -> Engine:
    """An engine of this process."""
    from tests.agreement.servers import PostgreSQL

    return PostgreSQL(address) if name == "postgres" else ENGINES[name]()


def elsewhere(names: Sequence[str], address: str, first: int, size: int) -> list[Block]:
    """A block, in a process of its own."""
    return compared({name: opened(name, address) for name in names}, first, size)


# ---- What was reached ----------------------------------------------------------------------------


class Reached:
    """The blocks that were compared with these sources, a line each in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / f"{fingerprint()}.jsonl"
        self.blocks: dict[tuple[str, int], Block] = {}
        if self.file.exists():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                block = Block(**json.loads(line))
                self.blocks[block.engine, block.first] = block

    def add(self, blocks: Sequence[Block]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            for block in blocks:
                self.blocks[block.engine, block.first] = block
                file.write(json.dumps(asdict(block), ensure_ascii=False) + "\n")

    def of(self, engine: str) -> list[Block]:
        return [block for (name, _), block in sorted(self.blocks.items()) if name == engine]

    def pairs(self, engine: str) -> int:
        return sum(block.agree + len(block.differ) for block in self.of(engine))

    def told(self, engine: str) -> str:
        own = self.of(engine)
        agree, gaps, differ = (
            sum(block.agree for block in own), sum(block.gaps for block in own), sum(len(block.differ) for block in own),
        )  # fmt: skip
        accepted, made = sum(block.accepted for block in own), sum(block.made for block in own)
        rate = f"{100 * accepted // made} % of {made:,} policies accepted" if made else "nothing was compared"
        return f"{engine}: {agree:,} pairs agree, {differ:,} differ, {gaps:,} declared gaps, {rate}"


def fingerprint() -> str:
    """Of all that decides what is compared."""
    found = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


# ---- Many ----------------------------------------------------------------------------------------


def compare(wanted: Mapping[str, int], reached: Reached, processes: int) -> None:
    """Engines that need nothing share their pairs; each of the others has its turn."""
    embedded = {name: number for name, number in wanted.items() if name not in SERVERS}
    groups = [embedded, *({name: number} for name, number in wanted.items() if name in SERVERS)]
    for group in groups:
        if any(reached.pairs(name) < number for name, number in group.items()):
            with ExitStack() as stack:
                for blocks in results(group, reached, processes, stack):
                    reached.add(blocks)
                    for report_ in (text for block in blocks for text in block.reports):
                        print(f"\n{report_}\n", flush=True)
                    print(progress(group, reached), flush=True)


def results(
    wanted: Mapping[str, int], reached: Reached, processes: int, stack: ExitStack
) -> Iterator[list[Block]]:
    """The blocks that are still wanted, as they are ready."""
    address, size = started(stack) if "postgres" in wanted else "", together(wanted)
    if "spark" in wanted or processes == 1:
        session = spark(stack) if "spark" in wanted else None
        for first in count(0, size):
            names = missing(wanted, reached, first)
            if names is None:
                return
            if names:
                yield compared({name: session or opened(name, address) for name in names}, first, size)
    pool = stack.enter_context(ProcessPoolExecutor(processes, mp_context=get_context("spawn")))
    waiting: set[Future[list[Block]]] = set()
    for first in count(0, size):
        names = missing(wanted, reached, first)
        if names is None:
            break
        if names:
            waiting.add(pool.submit(elsewhere, names, address, first, size))
        while len(waiting) > processes:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    yield from (future.result() for future in waiting)


def missing(wanted: Mapping[str, int], reached: Reached, first: int) -> list[str] | None:
    """The engines that a block is still wanted of; None if all have had enough."""
    short = [name for name, number in wanted.items() if reached.pairs(name) < number]
    return [name for name in short if (name, first) not in reached.blocks] if short else None


def progress(wanted: Mapping[str, int], reached: Reached) -> str:
    told = [f"{name} {reached.pairs(name):,} of {number:,}" for name, number in wanted.items()]
    differ = sum(len(block.differ) for name in wanted for block in reached.of(name))
    return f"{time.strftime('%H:%M:%S')} {', '.join(told)}; {differ:,} differ"


def started(stack: ExitStack) -> str:
    from tests.servers import postgres_programs, postgres_running

    programs = postgres_programs()
    if programs is None:
        sys.exit("no PostgreSQL is installed")
    return stack.enter_context(postgres_running(programs))


def spark(stack: ExitStack) -> Engine:
    from lifeseg.records.spark_session import session
    from tests.agreement.servers import Spark
    from tests.servers import SMALL

    return Spark(stack.enter_context(session("local[2]", {**SMALL, **LONGER})))


def once(names: Sequence[str], number: int) -> None:
    """One pair again."""
    made = pair(number)
    if made is None:
        sys.exit(f"the policy of pair {number} is refused")
    with ExitStack() as stack:
        address = started(stack) if "postgres" in names else ""
        for name in names:
            engine = spark(stack) if name == "spark" else opened(name, address)
            one = as_held(made, name)
            try:
                found = difference(one, engine)
            except Gap as gap:
                print(f"pair {number} on {name}: {gap} is a declared gap")
                continue
            print(reported(one, name, engine) if found is not None else f"pair {number} on {name}: agrees")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="interpreter and engines on many generated policies and customers"
    )
    parser.add_argument("engines", nargs="+", metavar="ENGINE=PAIRS")
    parser.add_argument("--pair", type=int, help="compare the pair of this number and no other")
    parser.add_argument("--processes", type=int, default=1, help="of engines that can be in several")
    parser.add_argument("--folder", type=Path, default=ROOT / ".cache" / "agreement", help="where it is kept")
    wish = parser.parse_args(arguments)
    wanted = {name: int(number or 0) for name, _, number in (word.partition("=") for word in wish.engines)}
    if unknown := sorted(wanted.keys() - {*ENGINES, *SERVERS}):
        parser.error(f"there is no engine `{unknown[0]}`")
    if wish.pair is not None:
        once([*wanted], wish.pair)
        return 0
    reached = Reached(wish.folder)
    try:
        compare(wanted, reached, wish.processes)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on from here")
    for name in wanted:
        print(reached.told(name))
    short = any(reached.pairs(name) < number for name, number in wanted.items())
    return int(short or any(block.differ for name in wanted for block in reached.of(name)))


if __name__ == "__main__":
    sys.exit(main())
