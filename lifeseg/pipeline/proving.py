"""A setting comes in; what is proved of its policy goes out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeseg.frozen import dataclass
from lifeseg.pipeline.errors import refusal
from lifeseg.pipeline.in_place import put_new
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.stages import Checked, check

if TYPE_CHECKING:
    from lifeseg.model.model import AnyDefinition, Model
    from lifeseg.prover.answers import Proofs
    from lifeseg.prover.relations import Related, Side


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


RELATION = re.compile(r"\s*(\S+)\s+(?:is\s+(?:the\s+)?)?(implies|excludes|same\s+as)\s+(\S+)\s*")


def prove_that(setting: Setting, sentences: Sequence[str], seconds: float, overall: float) -> Proved:
    """What two cases, flags or definitions are to each other, such as `A implies B`."""
    if find_spec("z3") is None:
        raise refusal("prove-packages")
    from lifeseg.prover.prove import prove_relations
    from lifeseg.prover.session import Limits

    checked = check(setting.policy, setting.policies)
    model = checked.good()
    related = [related_of(model, sentence) for sentence in sentences]
    return Proved(
        checked, prove_relations(model, related, limits=Limits(seconds, overall), day=setting.as_of)
    )


def related_of(model: Model, sentence: str) -> Related:
    """The sentence with its names known; `same as` may stand between two definitions as well."""
    from lifeseg.prover.relations import Related

    found = RELATION.fullmatch(sentence)
    if found is None:
        raise refusal("bad-argument.relation", text=sentence)
    relation: Any = " ".join(found[2].split())
    whole = relation == "same as" and found[1] in whole_definitions(model)
    left, right = (
        definition_side(model, name) if whole else case_side(model, name) for name in found.group(1, 3)
    )
    one, other = left.definition, right.definition
    if one.entity != other.entity:
        raise refusal("bad-argument.relation-apart", one=found[1], other=found[3])
    if whole and (one.type.kind, one.type.unit) != (other.type.kind, other.type.unit):
        raise refusal("bad-argument.relation-unlike", one=found[1], other=found[3])
    return Related(f"{found[1]} {relation} {found[3]}", left, relation, right)


def whole_definitions(model: Model) -> dict[str, AnyDefinition]:
    """What has a value that can be the same as another's."""
    from lifeseg.model.model import Flag, FlagBlock

    return {
        one.name: one for one in model.definitions if not one.made and not isinstance(one, Flag | FlagBlock)
    }


def case_side(model: Model, name: str) -> Side:
    from lifeseg.model.model import Score
    from lifeseg.pipeline.listing import case_named
    from lifeseg.prover.relations import Side

    entity, column, value = case_named(model, name)
    for one in model.of(entity):
        if column == (f"{one.name}_band" if isinstance(one, Score) else one.name):
            return Side(name, one, None if value is True else str(value))
    raise AssertionError(column)


def definition_side(model: Model, name: str) -> Side:
    from lifeseg.pipeline.opened import closest
    from lifeseg.prover.relations import Side

    known = whole_definitions(model)
    if name not in known:
        raise refusal("no-such-name.definition", name=name, suggestion=closest(name, known))
    return Side(name, known[name])


def save_tests(proved: Proved, file: Path) -> int:
    """Writes a test for each refutation that has one; how many there are."""
    texts = [
        answer.witness.test
        for answer in proved.proofs.answers
        if answer.witness is not None and answer.witness.test is not None
    ]
    put_new(file, "\n".join(texts))
    return len(texts)
