"""The evaluation of access with one thing changed in each, to see that a comparison notices it."""

from __future__ import annotations

import ast
import copy
import importlib.util
from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from openai_admin.directory import permissions
from openai_admin.insights.access import rules
from openai_admin.insights.access.answers import Evaluated
from openai_admin.insights.access.facts import Facts

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.LtE: ast.Lt,
    ast.Lt: ast.LtE,
}


@attrs.frozen
class Mutant:
    """One changed evaluation.

    Attributes:
        place: the module and the line of the change.
        before: the statement or expression as it was.
        after: as it is now; empty where it is gone.
        evaluate: the evaluation.
        covers: what answers a question.
    """

    place: str
    before: str
    after: str
    evaluate: Callable[[Facts], Evaluated]
    covers: Callable[[str, str], bool]


def mutants() -> Iterator[Mutant]:
    """All of them: comparisons and conditions turned round, filters and statements left out."""
    whole = _parsed(rules)
    # Of what permissions mean, who is an owner is another question.
    meanings = _parsed(permissions, without=("is_owner_like", "makes_owner"))
    for place, before, after, tree in _changes(permissions, meanings):
        meaning = _made(permissions, tree)
        evaluation = _made(rules, whole)
        vars(evaluation).update({n: f for n, f in vars(meaning).items() if n in vars(evaluation)})
        yield Mutant(place, before, after, evaluation.evaluate, meaning.covers)
    for place, before, after, tree in _changes(rules, whole):
        yield Mutant(place, before, after, _made(rules, tree).evaluate, permissions.covers)


def _changes(module: ModuleType, tree: ast.Module) -> Iterator[tuple[str, str, str, ast.Module]]:
    """Each change of a module: where, what it was, what it is, and the changed module."""
    for index, node in enumerate(ast.walk(tree)):
        for number, _ in enumerate(_changed(node)):
            twin = copy.deepcopy(tree)
            target = list(ast.walk(twin))[index]
            before = ast.unparse(target)
            next(islice(_changed(target), number, None))()
            line = getattr(node, "lineno", 0)
            yield f"{module.__name__}:{line}", before, ast.unparse(target), twin


def _changed(node: ast.AST) -> Iterator[Callable[[], None]]:
    """What can be changed in a node, in place."""
    if isinstance(node, ast.Compare):
        yield partial(_put, node.ops, 0, _OPPOSITES[type(node.ops[0])]())
    if isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            # An operator needs two values: another one stands in for what is dropped.
            yield partial(_put, node.values, index, node.values[index - 1])
    if isinstance(node, ast.If | ast.IfExp):
        yield partial(setattr, node, "test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for index in range(len(node.ifs)):
            yield partial(_drop, node.ifs, index)
    if isinstance(node, ast.FunctionDef | ast.For | ast.If) and len(node.body) > 1:
        for index, statement in enumerate(node.body):
            if _is_optional(statement):
                yield partial(_drop, node.body, index)


def _put(values: list[Any], index: int, value: ast.AST) -> None:
    values[index] = value


def _drop(values: list[Any], index: int) -> None:
    del values[index]


def _is_optional(statement: ast.stmt) -> bool:
    """Whether it can be left out, and is not a docstring."""
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.AugAssign | ast.If | ast.For)


def _parsed(module: ModuleType, *, without: Collection[str] = ()) -> ast.Module:
    """A module's tree, without some of its functions."""
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    tree.body = [
        statement for statement in tree.body if getattr(statement, "name", 0) not in without
    ]
    return tree


def _made(module: ModuleType, tree: ast.Module) -> ModuleType:
    """A module as another one of its package, from a tree."""
    spec = importlib.util.spec_from_loader(f"{module.__package__}.mutant", loader=None)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    exec(compile(ast.fix_missing_locations(tree), "mutant", "exec"), vars(made))
    return made
