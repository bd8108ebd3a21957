"""The public Python API: load and check a policy, evaluate customers, get the trace of every result.

    import lifeseg

    policy = lifeseg.load("rules/orgcust")
    results = policy.run("data", as_of="2013-06-30")
    results.record("customer", results.index("customer", "C19"))["conversion_type"]    # "warning"

What is listed here keeps its shape; everything is imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lifeseg.pipeline.errors import ConfigurationError, DataError, LifesegError, PolicyError
    from lifeseg.pipeline.policy import Policy, Results, compile, load
    from lifeseg.records.source import Source

__version__ = "0.1.0"
__all__ = (
    "ConfigurationError",
    "DataError",
    "LifesegError",
    "Policy",
    "PolicyError",
    "Results",
    "Source",
    "__version__",
    "compile",
    "load",
)

_HOMES = {
    "ConfigurationError": "lifeseg.pipeline.errors",
    "DataError": "lifeseg.pipeline.errors",
    "LifesegError": "lifeseg.pipeline.errors",
    "Policy": "lifeseg.pipeline.policy",
    "PolicyError": "lifeseg.pipeline.errors",
    "Results": "lifeseg.pipeline.policy",
    "Source": "lifeseg.records.source",
    "compile": "lifeseg.pipeline.policy",
    "load": "lifeseg.pipeline.policy",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
