"""A small policy with a table, weights, bands and parameters, exported, edited as a spreadsheet would, and brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lifeseg.pipeline.errors import LifesegError
from lifeseg.pipeline.setting import Setting
from lifeseg.pipeline.workbook import Imported, book_of, bring_back
from lifeseg.workbook.to_xlsx import to_xlsx

POLICY = """\
policy shop "Shop"
  version 1.0.0

params "What management sets"
  window "Renewal window" = 2 months
    range 1..12
  loyal_from "Loyal from" = 0.60  # agreed in spring
    since 2027-01-01 = 0.65
  discount "Discount" = 30%
    note "of the list price"
  late_from = 2024-01-31

entity customer "Customer"
  customer_id text key
  satisfaction "Satisfaction" rating 1..5
  spent "Spent" money CNY 0..1000
  device one of "2G", "3G", smart
  contract_end date optional

indexes measures "Measures" of customer
  satisfaction_level "Satisfaction" = satisfaction / 5
  spent_level "Spent" = spent / 1000 CNY

score loyalty "Loyalty" of customer
  0.50 satisfaction_level
  0.50 spent_level
  bands
    loyal "Loyal" from loyal_from
    loose "Loose" below, leaving loyal below 0.55

# who gets what
table offer "Offer" of customer first match
  gives gift "A gift"
  gives upgrade "An upgrade"
  gives nothing "Nothing"
  | device     | spent     || offer   |
  # old devices first
  | "2G"       | >= 500    || upgrade |  # board, May
  | "2G", "3G" | 100..<500 || gift    |
  | -          | -         || nothing |

segment at_risk "At risk" of customer first match
  soon "Soon" when contract_end <= today + window
    if missing no
  late "Late" when contract_end <= late_from and spent * discount > 100 CNY
    if missing no
  safe "Safe" otherwise
"""


class Office:
    """A policy on the disk, and its workbook."""

    def __init__(self, folder: Path, text: str = POLICY) -> None:
        self.policy = folder / "shop.seg"
        self.book = folder / "shop.xlsx"
        self.policy.write_bytes(text.encode())
        self.export()

    @property
    def setting(self) -> Setting:
        return Setting(self.policy, None, None, None, None, "interpreter")

    @property
    def text(self) -> str:
        return self.policy.read_bytes().decode()

    def export(self) -> None:
        self.book.write_bytes(to_xlsx(book_of(self.setting)))

    def edit(self, change: Callable[[Any], object]) -> None:
        """As a spreadsheet would: opened, changed and saved as a whole."""
        book = openpyxl.load_workbook(self.book)
        change(book)
        book.save(self.book)

    def fill(self, sheet: str, **cells: object) -> None:
        def change(book: Any) -> None:
            for place, value in cells.items():
                book[sheet][place] = value
                if isinstance(value, str):
                    book[sheet][place].data_type = "s"

        self.edit(change)

    def bring_back(self) -> Imported:
        return bring_back(self.setting, self.book)

    def new_text(self) -> str:
        contents = self.bring_back().contents
        return contents.get(self.policy, self.policy.read_bytes()).decode()

    def refused(self) -> list[tuple[str, str]]:
        """The findings of an import that cannot be, each with its cells."""
        with pytest.raises(LifesegError) as caught:
            self.bring_back()
        return [
            (one.key, one.arguments.get("cell") or one.arguments.get("cells") or "")
            for one in caught.value.findings
        ]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)
