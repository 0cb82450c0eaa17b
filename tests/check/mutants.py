"""Small wrong variants of right answers: an operator changes one place of a function's source.

- `OPERATORS` change a node of its syntax tree, each in all ways that it knows
- `WRAPPERS` change what the whole function takes, returns or leaves behind
- `mutants` gives every variant of an exercise's right answers: those of `RIGHT` in the file of its
  lesson here, where they are functions or calls that build one, and the solution in its notebook

A variant has a name that says what it is: the source of the changed function, or the wrapper.
"""

import ast
import copy
import json
import random
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from torchvision.transforms.v2 import functional as F

from d2laug import augment, check

FOLDER = Path(__file__).parent
NOTEBOOKS = FOLDER.parents[1] / "notebooks"


# ---- one change in a syntax tree


def constants(node):
    """Another number or truth value; of texts only those that name a way to do it."""
    if isinstance(node, ast.Constant):
        value, ways = node.value, ("reflect", "replicate", "circular", "constant")
        if isinstance(value, bool):
            yield ast.Constant(not value)
        elif isinstance(value, (int, float)):
            for other in {value + 1, value - 1, -value, 2 * value} - {value}:
                yield ast.Constant(other)
        elif value in ways:
            yield from (ast.Constant(way) for way in ways if way != value)


ARITHMETIC = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult, ast.FloorDiv, ast.Sub],
    ast.FloorDiv: [ast.Div, ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
    ast.LShift: [ast.RShift],
    ast.RShift: [ast.LShift],
}


def arithmetic(node):
    """Another operator, terms in the other order, or one of the two terms alone."""
    if isinstance(node, ast.BinOp):
        for other in ARITHMETIC.get(type(node.op), []):
            yield ast.BinOp(node.left, other(), node.right)
        if isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)):
            yield ast.BinOp(node.right, node.op, node.left)
        yield from (node.left, node.right)
    if isinstance(node, ast.AugAssign):
        for other in ARITHMETIC.get(type(node.op), []):
            yield ast.AugAssign(node.target, other(), node.value)
    if isinstance(node, ast.UnaryOp):
        yield node.operand


COMPARISONS = {
    ast.Lt: [ast.LtE, ast.GtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.Gt, ast.GtE],
    ast.Gt: [ast.GtE, ast.LtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.Lt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}


def comparisons(node):
    """Another comparison, `and` for `or`, one of the conditions alone."""
    if isinstance(node, ast.Compare):
        for other in COMPARISONS[type(node.ops[0])]:
            yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values


def branches(node):
    """One branch always, or the other one; a comprehension without its condition."""
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse, ast.IfExp(node.test, node.orelse, node.body))
    if isinstance(node, ast.If):
        yield ast.If(ast.Constant(True), node.body, node.orelse)
        yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    if isinstance(node, ast.comprehension) and node.ifs:
        yield ast.comprehension(node.target, node.iter, [], node.is_async)


# Each of a group is taken for each other one: other means, ends, roundings, dtypes, axes, draws.
GROUPS = [
    {"mean", "median", "sum", "amax", "amin", "std", "var"},
    {"max", "min"},
    {"argmax", "argmin"},
    {"maximum", "minimum"},
    {"any", "all"},
    {"floor", "ceil", "round"},
    {"float", "double", "half"},
    {"int", "byte", "long"},
    {"uint8", "int64", "float32"},
    {"flip", "roll"},
    {"hflip", "vflip"},
    {"horizontal_flip", "vertical_flip"},
    {"flipud", "fliplr"},
    {"rand", "randn", "rand_like", "randn_like"},
    {"log10", "log", "log2"},
    {"vstack", "hstack"},
    {"stack", "cat"},
    {"to_linear", "to_srgb"},
    {"train", "validation"},
    {"append", "insert"},
]


def names(node):
    """Another function of its kind."""
    name = {ast.Attribute: "attr", ast.Name: "id"}.get(type(node))
    for group in GROUPS:
        value = getattr(node, name) if name else None
        for other in sorted(group - {value}) if value in group else []:
            changed = copy.copy(node)
            setattr(changed, name, other)
            yield changed
    if isinstance(node, ast.Constant) and node.value in ("train", "validation"):
        yield ast.Constant({"train": "validation", "validation": "train"}[node.value])


def arguments(node):
    """Two neighboring arguments swapped, one keyword left out; parts of a tuple in reverse."""
    if isinstance(node, ast.Call):
        for i in range(len(node.args) - 1):
            first, a, b, rest = node.args[:i], *node.args[i : i + 2], node.args[i + 2 :]
            yield ast.Call(node.func, [*first, b, a, *rest], node.keywords)
        for keyword in node.keywords:
            if keyword.arg not in ("strict", "generator"):
                rest = [other for other in node.keywords if other is not keyword]
                yield ast.Call(node.func, node.args, rest)
        if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name):
            yield node.func.value  # what a method is called of, without the method
    if isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load) and node.elts[1:]:
        yield type(node)(node.elts[::-1], node.ctx)


def parts(node):
    """A slice that begins, ends or steps otherwise; a loop backwards, or without its ends."""
    if isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part):
                changed = copy.copy(node)
                setattr(changed, part, None)
                yield changed
        for part in ("lower", "upper"):
            if getattr(node, part):
                changed = copy.copy(node)
                one_more = ast.BinOp(getattr(node, part), ast.Add(), ast.Constant(1))
                setattr(changed, part, one_more)
                yield changed
    if isinstance(node, (ast.For, ast.comprehension)):
        unused = ast.unparse(node.target) == "_"  # then the order does not matter
        for piece in ("[1:]", "[:-1]") if unused else ("[::-1]", "[1:]", "[:-1]"):
            changed = copy.copy(node)
            changed.iter = ast.parse(f"[*{ast.unparse(node.iter)}]{piece}").body[0].value
            yield changed


def statements(node):
    """A line left out."""
    for field in ("body", "orelse"):
        lines = getattr(node, field, None)
        if isinstance(lines, list) and not isinstance(node, ast.Module):
            for i in range(len(lines)):
                docstring = isinstance(getattr(lines[i], "value", None), ast.Constant)
                if not docstring and not isinstance(lines[i], (ast.Return, ast.FunctionDef)):
                    changed = copy.copy(node)
                    setattr(changed, field, [*lines[:i], *lines[i + 1 :]] or [ast.Pass()])
                    yield changed


OPERATORS = [constants, arithmetic, comparisons, branches, names, arguments, parts, statements]


def changed_once(node):
    """Yield the tree with each change in each place, one at a time."""
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return  # it guards against lists of two lengths, of which no check gives any
    for operator in OPERATORS:
        yield from operator(node)
    for field, value in ast.iter_fields(node):
        many = value if isinstance(value, list) else [value]
        for i, part in enumerate(many):
            if isinstance(part, ast.AST):
                for new in changed_once(part):
                    changed = copy.copy(node)
                    whole = [*many[:i], new, *many[i + 1 :]] if value is many else new
                    setattr(changed, field, whole)
                    yield changed


# ---- a change of the whole function


def of_result(change):
    return lambda answer: lambda *inputs: change(answer(*inputs))


def of_tensor(change):
    """Change a result that is a tensor; of others, what `change` makes of one number."""
    return of_result(lambda result: change(torch.as_tensor(result)))


def in_place(answer):
    def spoils(*inputs):
        result = answer(*inputs)
        for given in inputs:
            if isinstance(given, torch.Tensor):
                given.zero_()
            elif isinstance(given, (list, dict)):
                given.clear()
        return result

    return spoils


def of_the_first_call(answer):
    """Whatever it is given, what it gave at first."""
    known = []

    def forgets(*inputs):
        if not known:
            known.append(answer(*inputs))
        return copy.deepcopy(known[0])

    return forgets


def with_a_seed(answer):
    def seeds(*inputs):
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        return answer(*inputs)

    return seeds


WRAPPERS = {
    "twice the result": of_result(lambda result: 2 * result),
    "NaN": of_tensor(lambda result: result * torch.nan),
    "a tenth more": of_tensor(lambda result: result + 0.1),
    "one less": of_tensor(lambda result: result - 1),
    "the negative": of_tensor(lambda result: -result),
    "half precision": of_tensor(lambda result: (result + 0.011).half()),
    "the first part of it": of_result(lambda result: result[0]),
    "without its last part": of_result(lambda result: result[:-1]),
    "in a list": of_result(lambda result: [result]),
    "upside down": of_tensor(lambda result: result.flip(0)),
    "nothing": of_result(lambda result: None),
    "the first result again": of_the_first_call,
    "its input": lambda answer: lambda *inputs: inputs[0],
    "its inputs in reverse": lambda answer: lambda *inputs: answer(*inputs[::-1]),
    "in place": in_place,
    "a constant seed": with_a_seed,
}


# ---- the variants of an exercise


def sources(name):
    """Yield `(node, namespace, call)` of each right answer of an exercise that has a source.

    `call` is the source of the call that builds the answer, where the node is what it calls.
    """
    for path in sorted(FOLDER.glob("lesson_*.py")):
        tree, namespace = ast.parse(path.read_text("utf-8")), vars(import_module(path.stem))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for answers in tables(tree, "RIGHT", name):
            for answer in answers.elts:
                if isinstance(answer, ast.Name) and answer.id in functions:
                    yield functions[answer.id], namespace, ""
                elif isinstance(answer, ast.Lambda):
                    yield answer, namespace, ""
                elif isinstance(answer, ast.Call) and "not_varied" not in ast.unparse(
                    functions.get(ast.unparse(answer.func), answer)
                ):
                    yield answer, namespace, ""
                    if answer.func.id in functions:
                        yield functions[answer.func.id], namespace, ast.unparse(answer)
    yield from notebook_solutions(name)


def tables(tree, variable, name):
    """Yield the list that a dictionary `variable` of a file holds under a name."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == variable:
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if key.value == name and isinstance(value, ast.List):
                    yield value


def notebook_solutions(name):
    given = {"check": check, "torch": torch, "F": F, "augment": augment, "random": random}
    given["one_hot"] = torch.nn.functional.one_hot
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            if re.search(rf"^assert check\.{name}\(solution\)\.ok$", source, re.MULTILINE):
                body = ast.parse(source).body
                solution = [
                    line
                    for line in body
                    if isinstance(line, ast.FunctionDef) and line.name == "solution"
                ]
                rest = [line for line in body if not isinstance(line, ast.Assert)]
                namespace = dict(given)
                exec(compile(ast.Module(rest, []), str(path), "exec"), namespace)
                yield from ((node, namespace, "") for node in solution)


def built(node, namespace, call=""):
    """Return the function that a tree stands for, or that a call of it builds."""
    names = dict(namespace)
    if isinstance(node, ast.FunctionDef):
        module = ast.Module([node], [])
        exec(compile(ast.fix_missing_locations(module), "variant", "exec"), names)
        return eval(call, names) if call else names[node.name]
    expression = ast.fix_missing_locations(ast.Expression(node))
    return eval(compile(expression, "variant", "eval"), names)


def mutants(name):
    """Return `{what it is: function}` of all variants of an exercise's right answers."""
    found, right = {}, set()
    for node, namespace, call in sources(name):
        after = f"\n{call}" if call else ""
        right.add(ast.unparse(node) + after)
        for changed in changed_once(node):
            # the same change may come out of two operators
            source = ast.unparse(ast.fix_missing_locations(copy.deepcopy(changed)))
            if source + after not in found:
                with_source = ast.parse(source).body[0]
                tree = with_source.value if isinstance(with_source, ast.Expr) else with_source
                try:
                    answer = built(tree, namespace, call)
                except Exception:  # it would not even run
                    continue
                if callable(answer):
                    found[source + after] = answer
    first = built(*next(iter(sources(name))))
    found.update({what: wrap(first) for what, wrap in WRAPPERS.items()})
    return {what: answer for what, answer in found.items() if what not in right}
