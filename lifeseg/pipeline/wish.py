"""What is asked of a run besides its setting."""

from __future__ import annotations

from pathlib import Path

from lifeseg.frozen import dataclass
from lifeseg.pipeline.stages import OnBadRow


@dataclass(frozen=True, slots=True)
class Wish:
    """`out` is a folder, `location` a place of a cluster such as `s3a://bucket/results`, `tables` the beginning of the
    names of tables in the engine's database, perhaps with its schema: `marts.lifecycle`. `changed` is a file with the keys
    of the records that differ from those of the results in `out`, or `by_files` changed files tell them; `frozen`
    keeps the statistics of these results. With the format `duckdb`, `out` is a DuckDB file. `trusting`: some keys may be
    looked at while the plan is executed. `anew`: what the result store knows of later days is believed no more. `plain`:
    results are written without hash and description. `explained`: the results tell of every record why.
    """

    only: tuple[str, ...] | None = None
    out: Path | None = None
    location: str | None = None
    file_format: str = "parquet"
    on_bad_row: OnBadRow = "fail"
    tables: str | None = None
    master: str | None = None
    changed: Path | None = None
    frozen: bool = False
    trusting: bool = False
    anew: bool = False
    by_files: bool = False
    plain: bool = False
    explained: bool = False

    @property
    def writes(self) -> bool:
        """Whether results shall be written anywhere."""
        return self.out is not None or self.tables is not None or self.location is not None

    @property
    def of_changes(self) -> bool:
        """Whether only what has changed shall be evaluated."""
        return self.changed is not None or self.by_files

    @property
    def in_file(self) -> bool:
        """Whether the results go into a DuckDB file."""
        return self.out is not None and self.file_format == "duckdb"

    @property
    def folder(self) -> Path | None:
        """The folder in which the results are, or the file with them."""
        return self.out.parent if self.out is not None and self.in_file else self.out
