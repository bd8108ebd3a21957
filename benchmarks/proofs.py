"""How long proofs take: the pack `orgcust`, and 200 rules over 20 scores that the first of them decides.

Prints the seconds of the processor, and the verdicts. `orgcust` is measured as a whole process, the rules from the checked
model on.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from lifeseg.model.from_trees import from_trees  # noqa: E402
from lifeseg.model.model import Model  # noqa: E402
from lifeseg.prover.prove import prove  # noqa: E402
from lifeseg.syntax.from_text import from_text  # noqa: E402

SCORES, FACTS_OF_A_SCORE, RULES, CLAUSES = 20, 10, 200, 3


def rules(*, first_match: bool) -> str:
    """Scores of ten shares each, and rules that ask for three of them to lie in some range."""
    source = Random(5)
    lines = [
        "policy rules",
        "  language 1",
        "  version 1.0.0",
        "",
        'entity customer "Customer"',
        "  customer_id text key",
    ]
    lines += [f"  f{score}_{fact} share" for score in range(SCORES) for fact in range(FACTS_OF_A_SCORE)]
    for score in range(SCORES):
        lines += ["", f'score s{score} "Score {score}" of customer']
        lines += [f"  0.1 f{score}_{fact}" for fact in range(FACTS_OF_A_SCORE)]
    lines += ["", f'segment class "Class" of customer{" first match" if first_match else ""}']
    for rule in range(RULES):
        clauses = []
        for score in source.sample(range(SCORES), CLAUSES):
            low = source.randint(0, 80)
            clauses.append(f"s{score} >= 0.{low:02} and s{score} < 0.{low + source.randint(5, 19):02}")
        lines.append(f'  rule{rule} "Rule {rule}" when {" and ".join(clauses)}')
    if first_match:
        lines.append("  rest otherwise")
    return "\n".join(lines) + "\n"


def model_of(text: str) -> Model:
    file, found = from_text(text, "rules.seg")
    model, problems = from_trees([file])
    assert model is not None, (found, problems)
    return model


def processor(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=TOP, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    lifeseg = str(Path(sys.executable).with_name("lifeseg"))
    command = [lifeseg, "prove", "rules/orgcust"]
    print(f"lifeseg prove rules/orgcust   {min(processor(command) for _ in range(3)):6.2f} s, whole process")
    model = model_of(rules(first_match=True))
    start = time.process_time()
    proofs = prove(model)
    spent = time.process_time() - start
    verdicts = Counter(answer.verdict for answer in proofs.answers)
    said = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
    print(f"{RULES} rules over {SCORES} scores     {spent:6.2f} s: {said}")


if __name__ == "__main__":
    main()
