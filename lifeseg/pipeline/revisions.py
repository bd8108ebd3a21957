"""The words for two versions of a policy come in: files, folders, or revisions of a git repository; places where their texts
can be read go out.

Of a revision the texts of the policy, and of those beside it that it may use, are read from git's own store into a folder of
their own: the work tree is neither looked at nor touched, and no filter or hook of the repository runs.
"""

from __future__ import annotations

import difflib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import refusal
from lifeseg.workspace import SUFFIX, shown_path

SECONDS = 60
"""What git is given to answer."""

MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class Side:
    """A version: what it is called, its policy's path, and that as it is written in the repository or on the disk."""

    label: str
    path: Path
    written: str


def two(words: tuple[str, ...]) -> tuple[str, str | None]:
    """What is old and what is new: `OLD NEW`, `OLD..NEW`, or `OLD` (else the last commit) and the policy as it stands."""
    if len(words) > 2:
        raise refusal("bad-argument.versions", count=len(words))
    if len(words) == 2:
        return words[0], words[1]
    one = words[0] if words else "HEAD"
    if ".." in one and not Path(one).exists():
        old, _, new = one.partition("..")
        if new.startswith("."):
            raise refusal("diff-revision.three", text=one, old=old, new=new.lstrip("."))
        return old or "HEAD", new or "HEAD"
    return one, None


@contextmanager
def sides(words: tuple[str, ...], policy: Path) -> Iterator[tuple[Side, Side]]:
    """Both versions, as long as they are needed."""
    old, new = two(words)
    with TemporaryDirectory(prefix="lifeseg-diff-") as folder:
        before = side(old, policy, Path(folder) / "old")
        after = side(new, policy, Path(folder) / "new") if new is not None else standing(policy)
        yield before, after


def standing(policy: Path) -> Side:
    """The policy as it is on the disk."""
    return Side(shown_path(policy), policy, shown_path(policy))


def side(text: str, policy: Path, folder: Path) -> Side:
    """A file or folder if there is one of that name, otherwise a revision of the policy."""
    path = Path(text)
    if path.exists() and (path.is_file() or any(path.glob(f"*{SUFFIX}"))):
        return standing(path)
    top = Path(git(policy.parent, "rev-parse", "--show-toplevel", about=text).strip())
    commit = commit_of(top, text)
    relative = policy.resolve().relative_to(top.resolve())
    beside = relative.parent.as_posix()
    listed = git(
        top, "ls-tree", "-r", "-z", "--name-only", commit, "--", *([] if beside == "." else [f"{beside}/"])
    )
    names = [name for name in listed.split("\0") if name.endswith(SUFFIX)][:MOST_FILES]
    own = relative.as_posix()
    if not any(name == own or name.startswith(f"{own}/") for name in names):
        raise refusal("diff-revision.policy", path=own, revision=text)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(git_bytes(top, "cat-file", "blob", f"{commit}:{name}"))
    return Side(text, folder / relative, own)


def commit_of(top: Path, text: str) -> str:
    """The commit that a revision names."""
    try:
        return git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}").strip()
    except subprocess.CalledProcessError:
        known = git(top, "for-each-ref", "--format=%(refname:short)").split()
        close = difflib.get_close_matches(text, known, 1)
        raise refusal("diff-revision", text=text, suggestion=close[0] if close else None) from None


def git(folder: Path, *words: str, about: str = "") -> str:
    """What git says; what it cannot do is said as a finding if it is `about` something the user wrote."""
    try:
        return git_bytes(folder, *words).decode("utf-8", "surrogateescape")
    except subprocess.CalledProcessError:
        if not about:
            raise
        raise refusal("diff-revision.nowhere", text=about) from None


def git_bytes(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, check=True, timeout=SECONDS
        )
    except FileNotFoundError:
        raise refusal("diff-revision.git") from None
    return done.stdout
