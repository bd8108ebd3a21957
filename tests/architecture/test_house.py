"""The house rules a machine can see: sizes, docstrings, names, imports, exports, versions, nothing local."""

import ast
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

import lifeseg

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "lifeseg"
MODULES = sorted(PACKAGE.rglob("*.py"))

# What `import lifeseg` promises. A new name is added here and in the CHANGELOG; removing one breaks users.
EXPORTED = (
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

# The first pattern that matches a file's path in lifeseg/ gives its longest length.
LONGEST_FILE = (("*/tree.py", 200), ("engines/*.py", 350), ("model/*.py", 400), ("*.py", 500))
LONGEST_FUNCTION = 40

# Exceptions, each with its reason: "syntax/tree.py": "…" a file, "syntax/to_text.py:write": "…" a function.
MAY_BE_LONGER: dict[str, str] = {
    "plan/tree.py": "passes on the names of formula_tree.py, so that a plan is read from one place",
}

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

# Imported only by the command that needs them: `lifeseg --help` answers within a fifth of a second.
NOT_FOR_HELP = ("duckdb", "lark", "openpyxl", "pydantic", "rich")

MACHINE_PATH = re.compile(r"(?<![\w.])(/work/|/root/|/home/\w|/Users/\w)|\b[A-Z]:\\\\?Users\b")
REGISTRY = re.compile(
    r"(?i)index[-_]url|find-links|pythonhosted|pypi\.(org|python)|registry\.npmjs|deb\.debian"
)


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def tracked_files() -> list[Path]:
    """What is or would be committed; without git, everything but what is hidden or built."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        built = {"build", "dist", "site", "__pycache__"}
        files = [
            path
            for path in ROOT.rglob("*")
            if not any(part in built or part.startswith(".") for part in path.relative_to(ROOT).parts)
        ]
    return [path for path in files if path.is_file() and path != Path(__file__).resolve()]


def package_name(requirement: str) -> str:
    return re.split(r"[<>=!~ ;\[]", requirement)[0].lower().replace("_", "-")


def pages_of(entry: str | dict | list) -> list[str]:
    """The pages a piece of the manual's navigation names, whatever its depth."""
    if isinstance(entry, str):
        return [entry]
    parts = entry.values() if isinstance(entry, dict) else entry
    return [page for part in parts for page in pages_of(part)]


def functions(module: Path) -> list[tuple[str, int]]:
    """Name and length of each function of a module, decorators and docstring not counted."""
    found = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node) is not None:
                length -= node.body[0].end_lineno - node.body[0].lineno + 1
            found.append((node.name, length))
    return found


@pytest.mark.parametrize("module", MODULES, ids=place)
class TestModule:
    def test_opens_with_a_docstring(self, module: Path) -> None:
        docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
        assert docstring, "says nothing about what comes in and what goes out"

    def test_is_short_enough(self, module: Path) -> None:
        longest = next(lines for pattern, lines in LONGEST_FILE if Path("/", place(module)).match(pattern))
        lines = len(module.read_text(encoding="utf-8").splitlines())
        short = lines <= longest or place(module) in MAY_BE_LONGER
        assert short, f"{lines} lines, at most {longest}: split it along meaning"

    def test_has_short_functions(self, module: Path) -> None:
        too_long = [
            f"{place(module)}:{name} has {length} lines, at most {LONGEST_FUNCTION}"
            for name, length in functions(module)
            if length > LONGEST_FUNCTION and f"{place(module)}:{name}" not in MAY_BE_LONGER
        ]
        assert not too_long, "\n".join(too_long)

    def test_has_a_name_that_says_something(self, module: Path) -> None:
        assert not EMPTY_NAMES & set(module.relative_to(PACKAGE).with_suffix("").parts)


def test_exceptions_are_still_needed() -> None:
    names = {place(module) for module in MODULES}
    names |= {f"{place(module)}:{name}" for module in MODULES for name, _ in functions(module)}
    assert not set(MAY_BE_LONGER) - names
    assert all(MAY_BE_LONGER.values()), "each exception has a reason"


def test_imports_only_go_down() -> None:
    """The contracts of import-linter in pyproject.toml hold."""
    lint_imports = Path(sys.executable).with_name("lint-imports")
    command = [lint_imports, "--no-cache"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_help_imports_nothing_heavy() -> None:
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", Path(sys.executable).with_name("lifeseg"), "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    imported = {line.rpartition("|")[2].strip() for line in finished.stderr.splitlines()}
    assert "lifeseg.cli" in imported
    assert not imported.intersection(NOT_FOR_HELP)


def test_exported_names() -> None:
    assert sorted(lifeseg.__all__) == sorted(EXPORTED)
    undocumented = [
        name
        for name in EXPORTED
        if callable(exported := getattr(lifeseg, name)) and not (exported.__doc__ or "").strip()
    ]
    assert not undocumented


def test_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert project["version"] == lifeseg.__version__ == newest[1]


def test_constraints_are_names_and_versions_of_everything_installed() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    missing = {package_name(line) for line in wanted} - {package_name(line) for line in pinned}
    assert not missing, "run `make constraints`"


@pytest.mark.parametrize("forbidden", [MACHINE_PATH, REGISTRY], ids=["path", "registry"])
def test_nothing_of_this_machine_is_committed(forbidden: re.Pattern[str]) -> None:
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if match := forbidden.search(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match[0]}")
    assert not found, "\n".join(found)


def test_manual_names_every_page_and_only_pages() -> None:
    manual = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    named = {page for entry in manual["nav"] for page in pages_of(entry)}
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert named == written
