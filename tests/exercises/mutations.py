"""Small mistakes, made one at a time in a solution."""

import ast
import copy
import random
from collections.abc import Iterator

SWAPPED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
MODULES = {"torch", "F", "math", "nn", "np", "masks"}
SPARED = (ast.Assert, ast.Import, ast.ImportFrom)


class OutOfTime(Exception):
    """A mutant loops without end."""


def essential(source: str) -> ast.Module:
    """The solution without what only shows or proves it: top-level asserts and calls."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Assert | ast.Expr)]
    return tree


def mutants(source: str, most: int, seed: str) -> list[ast.Module]:
    """At most so many mutants of a solution, the same ones each time."""
    tree = essential(source)
    edits = [(i, j) for i, node in enumerate(_sites(tree)) for j in range(len(_mistakes(node)))]
    if len(edits) > most:
        edits = sorted(random.Random(seed).sample(edits, most))
    found = []
    for site, which in edits:
        mutant = copy.deepcopy(tree)
        node = _sites(mutant)[site]
        _replace(mutant, node, _mistakes(node)[which])
        found.append(ast.fix_missing_locations(mutant))
    return found


def _sites(tree: ast.AST) -> list[ast.AST]:
    """All nodes in a fixed order, without annotations, docstrings, imports and asserts."""
    found = []

    def visit(node: ast.AST) -> None:
        if isinstance(node, SPARED):
            return
        found.append(node)
        for name, value in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "type_comment"}:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not _is_docstring(child):
                    visit(child)

    visit(tree)
    return found


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _mistakes(node: ast.AST) -> list[ast.AST | None]:
    """What may stand in place of a node; None if it is left out."""
    return list(_generate(node))


def _generate(node: ast.AST) -> Iterator[ast.AST | None]:
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPPED:
            yield _with(node, op=SWAPPED[type(op)]())
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield _with(node, ops=[SWAPPED[type(op)]()])
        case ast.UnaryOp(operand=operand):
            yield copy.deepcopy(operand)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value / 2 if value else -1.0)
        case ast.Call():
            yield from _calls(node)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), copy.deepcopy(test)))
        case ast.Expr() | ast.Continue() | ast.Break():
            yield None
    if isinstance(node, ast.AugAssign):
        yield None


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """A call dropped, its first two arguments swapped, or one of its keywords forgotten."""
    function = node.func
    on_module = isinstance(function, ast.Attribute) and _root(function) in MODULES
    if isinstance(function, ast.Attribute) and not on_module:
        yield copy.deepcopy(function.value)
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield copy.deepcopy(node.args[0])
    if len(node.args) >= 2 and not any(isinstance(each, ast.Starred) for each in node.args[:2]):
        first, second, *others = copy.deepcopy(node.args)
        yield _with(node, args=[second, first, *others])
    for place in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:place] + node.keywords[place + 1 :])


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _with(node: ast.AST, **changes: object) -> ast.AST:
    changed = copy.deepcopy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST | None) -> None:
    """Put a node in another's place; a statement that is left out becomes `pass`."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list) and any(each is old for each in value):
                put = ast.Pass() if new is None else new
                setattr(parent, name, [put if each is old else each for each in value])
                return
    raise AssertionError("a node without a parent")


def guarded(tree: ast.Module):
    """The code of a mutant whose loops end: each turn calls `_tick`."""
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.While | ast.For):
            node.body.insert(0, ast.parse("_tick()").body[0])
    return compile(ast.fix_missing_locations(tree), "<mutant>", "exec")


class Ticker:
    """What loops call at each turn; it raises when they go on too long."""

    def __init__(self, most: int = 100_000):
        self.most, self.used = most, 0

    def __call__(self) -> None:
        self.used += 1
        if self.used > self.most:
            raise OutOfTime(f"it loops without end: {self.most} turns")
