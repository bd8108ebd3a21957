"""The wheel, installed into an empty environment outside the repository, works from the first command."""

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import lifeseg

ROOT = Path(__file__).resolve().parents[2]
CARRIED = (
    "lifeseg/py.typed",
    "lifeseg/_bundled/grammar/lifeseg.lark",
    "lifeseg/_bundled/rules/orgcust/README.md",
    "lifeseg/_bundled/rules/orgcust/orgcust.seg",
    "lifeseg/_bundled/examples/orgcust/lifeseg.toml",
    "lifeseg/_bundled/examples/orgcust/customers.csv",
    "lifeseg/_bundled/examples/orgcust/usage.csv",
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

Lifeseg = Callable[..., CompletedProcess[str]]


def succeed(*command: str | Path, cwd: Path) -> None:
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    succeed(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def lifeseg_installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Lifeseg:
    """The `lifeseg` command of an environment that holds the wheel, its dependencies and nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=False)
    scripts = folder / "env" / "bin"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", scripts / "python")
    succeed(*pip, "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel, cwd=folder)
    succeed(*pip, "check", cwd=folder)

    ours = ("PYTHON", "LIFESEG_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONUTF8": "1"}

    def run(*arguments: str, cwd: Path) -> CompletedProcess[str]:
        return subprocess.run(
            [scripts / "lifeseg", *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def workspace(lifeseg_installed: Lifeseg, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made by `lifeseg init` in an empty folder."""
    empty = tmp_path_factory.mktemp("empty")
    finished = lifeseg_installed("init", "ws", cwd=empty)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return empty / "ws"


def test_wheel_carries_what_the_code_looks_for_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not set(CARRIED) - set(names)
    assert {name.split("/")[0] for name in names} == {"lifeseg", f"lifeseg-{lifeseg.__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".duckdb"))]


def test_version(lifeseg_installed: Lifeseg, tmp_path: Path) -> None:
    finished = lifeseg_installed("--version", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert lifeseg.__version__ in finished.stdout.split()


def test_new_workspace_runs_at_once(lifeseg_installed: Lifeseg, workspace: Path) -> None:
    finished = lifeseg_installed("run", cwd=workspace)
    assert finished.returncode == 0, finished.stderr
    assert "150 customers" in finished.stdout


def test_new_workspace_explains_a_customer(lifeseg_installed: Lifeseg, workspace: Path) -> None:
    finished = lifeseg_installed("explain", "C19", cwd=workspace)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("C19")
    assert "warning" in finished.stdout


def test_unknown_customer_is_a_usage_error(lifeseg_installed: Lifeseg, workspace: Path) -> None:
    finished = lifeseg_installed("explain", "nobody", cwd=workspace)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert "nobody" in finished.stderr
    assert "Traceback" not in finished.stderr
