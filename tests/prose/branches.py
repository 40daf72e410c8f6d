"""The branches of the templates of sentences, and those that some text has taken.

Every `if` with its `elif` and `else`, and both ends of every conditional expression, is a branch. An `else` that is not
written has no words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import nodes

from diptych.document import writer

Branch = tuple[str, int, int, str]
"""The template, the line, the number of the condition in the template, and the end that is taken."""


class Branches:
    """All branches of the templates that were compiled, and those that were taken."""

    def __init__(self) -> None:
        self.every: set[Branch] = set()
        self.taken: set[Branch] = set()

    def take(self, branch: Branch, value: object = "") -> object:
        """Note that a branch was taken, and return the value of the branch."""
        self.taken.add(branch)
        return value

    def marked(self, tree: nodes.Template, template: str) -> nodes.Template:
        """Return a template that calls `take` in each of its branches."""
        for number, node in enumerate([*tree.find_all((nodes.If, nodes.CondExpr))]):
            if isinstance(node, nodes.If):
                self._mark_if(node, (template, node.lineno, number))
            else:
                self._mark_expression(node, (template, node.lineno, number))
        return tree.set_environment(tree.environment)

    def _call(self, branch: Branch, lineno: int, *value: nodes.Expr) -> nodes.Call:
        self.every.add(branch)
        take = nodes.EnvironmentAttribute("take_branch", lineno=lineno)
        return nodes.Call(take, [nodes.Const(branch, lineno=lineno), *value], [], None, None, lineno=lineno)

    def _mark_if(self, node: nodes.If, at: tuple[str, int, int]) -> None:
        node.body.insert(0, nodes.ExprStmt(self._call((*at, "if"), node.lineno), lineno=node.lineno))
        if node.else_:
            node.else_.insert(0, nodes.ExprStmt(self._call((*at, "else"), node.lineno), lineno=node.lineno))

    def _mark_expression(self, node: nodes.CondExpr, at: tuple[str, int, int]) -> None:
        node.expr1 = self._call((*at, "if"), node.lineno, node.expr1)
        if node.expr2 is not None:
            node.expr2 = self._call((*at, "else"), node.lineno, node.expr2)


@contextmanager
def observed() -> Iterator[Branches]:
    """Note the branches that writers take which are made inside the context."""
    found, prose = Branches(), writer._Prose
    parse, cached = prose._parse, writer.compiled

    def marked(self, source, name, filename):
        return found.marked(parse(self, source, name, filename), str(name))

    prose._parse, prose.take_branch, writer.compiled = marked, staticmethod(found.take), lambda: None
    try:
        yield found
    finally:
        prose._parse, writer.compiled = parse, cached
        del prose.take_branch
