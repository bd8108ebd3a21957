"""Nothing comes in; out go the grammar, the policy packs and the examples that travel with lifeseg.

A wheel carries them inside the package, a checkout keeps them at its top: only this module knows which it is.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSIDE_WHEEL = _PACKAGE / "_bundled"
_ROOT = _INSIDE_WHEEL if _INSIDE_WHEEL.is_dir() else _PACKAGE.parent


def grammar_text() -> str:
    """The grammar of the policy language."""
    return (_ROOT / "grammar" / "lifeseg.lark").read_text(encoding="utf-8")


def packs_folder() -> Path:
    """The folder of policy packs, one folder a pack: `orgcust`, …"""
    return _ROOT / "rules"


def examples_folder() -> Path:
    """The folder of example workspaces, named after the pack they run; a sibling of the packs folder."""
    return _ROOT / "examples"
