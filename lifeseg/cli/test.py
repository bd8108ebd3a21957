"""lifeseg test: a policy comes in; whether its own tests hold goes out, and for those that do not, what came instead."""

from lifeseg.cli.output import show


def test() -> None:
    """Run the tests."""
    show("")
