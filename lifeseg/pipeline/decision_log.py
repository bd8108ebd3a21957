"""A policy under git comes in; its versions go out, newest first, each with its hash, what it changed, and who stands for it.

Who approved a version is what its commit says of itself: the lines `Approved-by`, `Reviewed-by` and `Signed-off-by` at the
end of the message, and the signature, as far as git could check it. Of a merge it is the message of the merge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.revisions import git, side
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, check
from lifeseg.review.rules import RuleChange, Version, rule_changes
from lifeseg.workspace import read_policy

FIELD, RECORD = "\x1f", "\x1e"
APPROVALS = ("Approved-by", "Reviewed-by", "Signed-off-by")
SIGNATURES = {
    "G": "good", "U": "good, of unknown trust", "B": "bad", "X": "good, expired", "Y": "good, of an expired key",
    "R": "good, of a revoked key", "E": "could not be checked", "N": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """A version of the policy. `approved`: by whom, for each kind of approval. `changes` is None for the first known one,
    `content_hash` for one with errors.
    """

    commit: str
    at: datetime
    author: str
    subject: str
    signature: str | None
    approved: tuple[tuple[str, str], ...]
    version: str | None
    content_hash: str | None
    changes: tuple[RuleChange, ...] | None


def decisions(setting: Setting, most: int) -> list[Decision]:
    """The last versions; raises a finding if the policy is not under git."""
    policy = setting.policy.resolve()
    found = list(commits(policy, most + 1))
    if not found:
        raise refusal("log-nothing", path=str(setting.policy))
    with TemporaryDirectory(prefix="lifeseg-log-") as folder:
        versions = [
            checked_at(setting, policy, commit[0], Path(folder) / str(place))
            for place, commit in enumerate(found)
        ]
        made = [
            decision(commit, now, before)
            for commit, now, before in zip(found, versions, [*versions[1:], None], strict=True)
        ]
    return made[:most]


def commits(policy: Path, most: int) -> Iterator[list[str]]:
    """The commits that changed the policy, newest first; what branches did stands in the merge."""
    trailers = "".join(f"%x1f%(trailers:key={name},valueonly,separator=%x1e)" for name in APPROVALS)
    form = f"%H%x1f%cI%x1f%an%x1f%s%x1f%G?{trailers}"
    said = git(
        policy.parent, "log", "--first-parent", "-z", f"--max-count={most}", f"--format={form}", "--", str(policy),
        about=policy.name,
    )  # fmt: skip
    for line in said.split("\0"):
        if line:
            yield line.split(FIELD)


def checked_at(setting: Setting, policy: Path, commit: str, folder: Path) -> Checked | None:
    """The policy as of a commit; None where it was not there yet, or no more."""
    from lifeseg.pipeline.errors import ConfigurationError

    try:
        return check(side(commit, policy, folder).path, setting.policies)
    except ConfigurationError:
        return None


def decision(commit: Sequence[str], now: Checked | None, before: Checked | None) -> Decision:
    full, at, author, subject, signature, *approvals = commit
    approved = tuple(
        (kind, name.strip())
        for kind, names in zip(APPROVALS, approvals, strict=True)
        for name in names.split(RECORD)
        if name.strip()
    )
    model = now.model if now is not None else None
    changes = None
    if now is not None and before is not None:
        versions = [Version(read_policy(one.path).files, one.model) for one in (before, now)]
        changes = rule_changes(*versions)
    return Decision(
        full, datetime.fromisoformat(at), author, subject, SIGNATURES.get(signature), approved,
        model.version if model is not None else None, model.content_hash if model is not None else None, changes,
    )  # fmt: skip
