"""A setting comes in; what is proved of its policy goes out."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, check

if TYPE_CHECKING:
    from lifeseg.prover.answers import Proofs


@dataclass(frozen=True, slots=True)
class Proved:
    """A checked policy and all answers about it."""

    checked: Checked
    proofs: Proofs


def prove(setting: Setting, of: str | None, back_to: str | None, seconds: float, overall: float) -> Proved:
    """Everything that is to be proved of the policy, or of one definition."""
    if find_spec("z3") is None:
        raise refusal("prove-packages")
    from lifeseg.prover.prove import prove as prove_all
    from lifeseg.prover.session import Limits

    checked = check(setting.policy, setting.policies)
    model = checked.good()
    names = {found.name for found in model.definitions} | {claim.title for claim in model.claims}
    if of is not None and of not in names:
        from lifeseg.pipeline.running import known_names

        known_names(model, [of])
    return Proved(
        checked, prove_all(model, of=of, back_to=back_to, limits=Limits(seconds, overall), day=setting.as_of)
    )


def save_tests(proved: Proved, file: Path) -> int:
    """Writes a test for each refutation that has one; how many there are."""
    texts = [
        answer.witness.test
        for answer in proved.proofs.answers
        if answer.witness is not None and answer.witness.test is not None
    ]
    write_text(file, "\n".join(texts))
    return len(texts)


def write_text(file: Path, text: str) -> None:
    from lifeseg.workspace import reason

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise refusal("cannot-write", path=str(file), reason=reason(error)) from error
