"""A seed comes in; the text of a policy goes out, made by type so that nearly all of them are accepted."""

from __future__ import annotations

from random import Random

from tests.agreement.definitions import Definitions
from tests.agreement.words import Names
from tests.agreement.world import World, add_entities, add_parameters


def policy(source: Random) -> str:
    """A whole policy: header, parameters, entities, and some dozen definitions in any order."""
    most = source.choice((1_000, 1_000, 100_000, 10**8))
    world = World(source, Names(source), most)
    add_entities(world)
    add_parameters(world)
    definitions = Definitions(world)
    for _ in range(source.randint(6, 18)):
        definitions.add(source.choice([world.entities[0], *world.entities]))
    for _ in range(source.choice((0, 0, 1, 2))):
        definitions.claim(source.choice(world.entities))
    header = ["policy generated", "  language 1", "  version 1.0.0"]
    if most != 10**8:
        header.append(f"  population at most {most}")
    chunks = [entity.lines for entity in world.entities]
    if world.parameter_lines:
        chunks.append(["params", *world.parameter_lines])
    chunks += definitions.finished()
    source.shuffle(chunks)
    return "\n\n".join("\n".join(chunk) for chunk in [header, *chunks]) + "\n"
