"""A question that would take all memory is not decided; the questions after it are answered as ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lifeseg.model.model import Model
from lifeseg.prover.answers import Answer
from lifeseg.prover.prove import prove
from lifeseg.prover.session import Limits
from tests.agreement.pairs import checked

ROOT = Path(__file__).resolve().parents[2]
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


def answers() -> str:
    found: tuple[Answer, ...] = prove(hard(), limits=Limits(memory=20)).answers
    return "\n".join([*(answer.verdict for answer in found), found[0].tried[-1]])


def test_a_question_that_needs_too_much_memory_is_not_decided() -> None:
    """In a process of its own, as commands are: a solver that often runs out of memory in one process ends that process."""
    words = "from tests.prover.test_memory import answers; print(answers())"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines() == ["not decided", "proved", "the solver needed more than 20 MB"]
