"""The states and moves of a lifecycle come in; their picture goes out, with the moves as words for who does not see it."""

from __future__ import annotations

from lifeseg.pages.markup import Markup, element
from lifeseg.pipeline.book import tree as b


def picture(flow: b.Flow) -> Markup:
    lines = (element("li", state.titles[0]) for state in flow.states)
    return element("ol", *lines, class_="flow")
