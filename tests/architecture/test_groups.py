"""What one process should run is run by one: tests of a group share the server or session that the first of them starts."""

import pytest


@pytest.mark.xdist_group("groups")
def test_a_test_is_known_by_its_group(request: pytest.FixtureRequest) -> None:
    """pytest-xdist sorts by the name it gives a test; where that has no effect, every process starts its own servers."""
    grouped = bool(request.config.getoption("loadgroup", default=False))
    assert request.node.nodeid.endswith("@groups") == grouped
