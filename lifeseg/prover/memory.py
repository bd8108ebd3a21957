"""How much memory the solver may take: a question that needs more is not decided, and the process lives on.

The limit is one of the whole process. What the solver has let go of stays with it, so the limit is set anew for each session.
"""

from __future__ import annotations

import z3

ROOM = 500
"""Megabytes for the questions about one definition, beyond what the solver holds already."""

MOST = 2000

MEGABYTE = 2**20


def make_room(room: int) -> None:
    """From here on, so many megabytes."""
    held = z3.Z3_get_estimated_alloc_size() // MEGABYTE
    z3.set_param("memory_max_size", min(held + room, max(MOST, room)))


def lift_limit() -> None:
    """Until there is room again: what is let go of takes memory too, and the process ends where there is none for that."""
    z3.set_param("memory_max_size", 0)


def is_full(said: object) -> bool:
    """Whether a reason or an error of the solver is that it had no more memory."""
    return "memory" in str(said)
