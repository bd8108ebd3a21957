"""What the parser found for the rules of a block of tasks comes in, its nodes go out."""

from __future__ import annotations

from lifeseg.diagnostics.diagnostic import Span
from lifeseg.syntax import tasks as d
from lifeseg.syntax import tree as t
from lifeseg.syntax.parse_parts import Bare, Children, Parts, pick
from lifeseg.syntax.tokens import Token


class TaskParts(Parts):
    """The methods are named like the rules of the grammar."""

    def tasks(self, c: Children, span: Span) -> d.Tasks:
        return d.Tasks(
            *self.named(c, span), entity=pick(c, t.Name)[0], excluded=self.carried(c, "exclude", ()),
            lost=self.carried(c, "lost"), worth=self.carried(c, "worth"), information=self.informed(c), tasks=pick(c, d.Task),
        )  # fmt: skip

    def task(self, c: Children, span: Span) -> d.Task:
        parts = (Token, Bare, t.Information, d.TaskTarget)
        condition = next((child for child in c if not isinstance(child, parts)), None)
        return d.Task(
            *self.named(c, span), condition=condition, excluded=self.carried(c, "exclude", ()),
            each=self.carried(c, "each"), owner=self.carried(c, "owner"), channel=self.carried(c, "channel"),
            about=self.carried(c, "about"), due=self.carried(c, "due"), again=self.carried(c, "again after"),
            goal=self.carried(c, "goal"), expected=self.carried(c, "expect"), judged=self.carried(c, "judged after"),
            targets=pick(c, d.TaskTarget), information=self.informed(c),
        )  # fmt: skip

    def task_each(self, c: Children, span: Span) -> Bare:
        return Bare("each", span, c[-1])

    def task_owner(self, c: Children, span: Span) -> Bare:
        return Bare("owner", span, c[-1])

    def task_channel(self, c: Children, span: Span) -> Bare:
        return Bare("channel", span, c[-1])

    def task_about(self, c: Children, span: Span) -> Bare:
        return Bare("about", span, c[-1])

    def task_due(self, c: Children, span: Span) -> Bare:
        return Bare("due", span, c[-1])

    def task_again(self, c: Children, span: Span) -> Bare:
        return Bare("again after", span, c[-1])

    def task_goal(self, c: Children, span: Span) -> Bare:
        return Bare("goal", span, c[-1])

    def task_expect(self, c: Children, span: Span) -> Bare:
        return Bare("expect", span, c[-1])

    def task_lost(self, c: Children, span: Span) -> Bare:
        return Bare("lost", span, c[-1])

    def task_worth(self, c: Children, span: Span) -> Bare:
        return Bare("worth", span, c[-1])

    def task_judged(self, c: Children, span: Span) -> Bare:
        return Bare("judged after", span, c[-1])

    def task_target(self, c: Children, span: Span) -> d.TaskTarget:
        words = [child.text for child in c if isinstance(child, Token)]
        return d.TaskTarget(span, words[1], words[2], c[-1])
