"""A question that would take all memory is not decided; the questions after it are answered as ever."""

from __future__ import annotations

from lifeseg.model.model import Model
from lifeseg.prover.answers import Answer
from lifeseg.prover.prove import prove
from lifeseg.prover.session import Limits
from tests.agreement.pairs import checked

FLAGS, FACTORS, WIDTH = 14, 8, 5


def factor(place: int, step: int, stride: int) -> str:
    """A sum of some facts and 1; products of such sums have very many terms when they are multiplied out."""
    facts = (f"a{(place * step + other * stride + other) % FLAGS}" for other in range(WIDTH))
    return f"({' + '.join(facts)} + 1)"


def hard() -> Model:
    facts = "\n".join(f"  a{number} count 0..1" for number in range(FLAGS))
    left = " * ".join(factor(place, 1, 3) for place in range(FACTORS))
    right = " * ".join(factor(place, 3, 5) for place in range(FACTORS))
    text = f"""policy hard
  language 1
  version 1.0.0

entity customer "Customer"
  customer_id text key
{facts}

never "Products that no solver multiplies out" of customer when {left} = 2 * {right} + 1
  and a0 + a1 > 1

never "Two of one" of customer when a0 > 1
"""
    model, found = checked(text)
    assert model is not None, found
    return model


def test_a_question_that_needs_too_much_memory_is_not_decided() -> None:
    found: tuple[Answer, ...] = prove(hard(), limits=Limits(memory=20)).answers
    assert [answer.verdict for answer in found] == ["not decided", "proved"]
    assert found[0].tried[-1] == "the solver needed more than 20 MB"
