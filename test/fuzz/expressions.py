"""What one line of a random program may compute.

A rule looks at the values at hand and gives an expression with `{0}`, `{1}` for its operands, or None when nothing fits. Rows of
the op table are rules by themselves: those whose samples are the common shapes take any shape, the others get operands that are
cut or repeated to the shapes of a sample.
"""

from __future__ import annotations

import functools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tfc as tf
from op_table.domains import above_one, inside, positive, probability, wide
from op_table.row import BINARY_SHAPES, UNARY_SHAPES, Row, Sample
from op_table.table import rows

ROUNDED = 1.0
"""The ulp of an op that rounds once: fused with another it may round less often."""
SIGN_ONLY = 1e-9
"""The ulp of an op that leaves the sign of a zero open."""
DOMAINS = {
    positive: "tf.abs({}) + 0.25",
    above_one: "tf.abs({}) + 1.5",
    inside: "0.8 * tf.tanh({})",
    probability: "0.1 + 0.8 * tf.sigmoid({})",
    wide: "tf.clip_by_value({}, -6.0, 6.0)",
}
MODULES = ("tf", "tf.math", "tf.nn", "tf.bitwise", "tf.linalg", "tf.random")
SKIPPED = {"host", "assertion", "factorization"}
"""Families of calls to Python, of checks, and of factors that are determined up to a sign."""


@dataclass(frozen=True)
class Expression:
    text: str
    uses: tuple[str, ...]
    ulp: float = 0.0


@dataclass
class Scope:
    """The values that a line can see."""

    rng: random.Random
    values: dict[str, np.ndarray]

    def pick(self, accept: Callable[[np.ndarray], bool] = lambda _: True) -> str | None:
        """A value that is accepted, later ones more often."""
        names = [name for name, array in self.values.items() if accept(array)]
        if not names:
            return None
        return names[-1 - int(len(names) * self.rng.random() ** 2)]


Rule = Callable[[Scope], Expression | None]


def is_float(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" or array.dtype.name == "bfloat16"


def is_number(array: np.ndarray) -> bool:
    return array.dtype.kind != "b"


def fitted(array: np.ndarray, shape: tuple[int, ...]) -> str | None:
    """`{}` cut or repeated to `shape`."""
    if array.shape == shape:
        return "{}"
    size = math.prod(shape)
    if array.size == size:
        return f"tf.reshape({{}}, {list(shape)})"
    if not array.size:
        return None
    times = -(-size // array.size)
    return f"tf.reshape(tf.tile(tf.reshape({{}}, [-1]), [{times}])[:{size}], {list(shape)})"


@functools.cache
def public_names() -> dict[int, str]:
    """The shortest public name of each function."""
    found: dict[int, str] = {}
    for module in MODULES:
        owner = eval(module, {"tf": tf})
        for name in dir(owner):
            if not name.startswith("_"):
                found.setdefault(id(getattr(owner, name)), f"{module}.{name}")
    return found


@functools.cache
def table_rows() -> tuple[tuple[str, Row], ...]:
    """The rows whose function has a name in the public interface."""
    names = public_names()
    return tuple(
        (names[id(row.function)], row)
        for row in rows()
        if id(row.function) in names and row.spec.family not in SKIPPED
    )


def rounding(row: Row) -> float:
    """By how much the result of a row's function may differ, at least what fusing may change."""
    if row.ulp == 0 and row.spec.family in ("arithmetic", "reduction", "contraction", "scan"):
        return ROUNDED
    return row.ulp


def _dtype_of(row: Row, position: int) -> str | None:
    return row.operand_dtypes[position] if row.operand_dtypes else None


def elementwise(scope: Scope) -> Expression | None:
    """A row that takes any shape."""
    every = [(n, r) for n, r in table_rows() if r.samples in (UNARY_SHAPES, BINARY_SHAPES)]
    name, row = scope.rng.choice(every)
    first = scope.pick(lambda a: a.dtype.name in row.dtypes)
    if first is None:
        return None
    uses = [first]
    if row.samples is BINARY_SHAPES:
        a = scope.values[first]
        second = scope.pick(lambda b: b.dtype == a.dtype and _broadcasts(a, b))
        uses.append(second or first)
        if scope.rng.random() < 0.5:
            uses.reverse()
    texts = []
    for position in range(len(uses)):
        domain = row.domain[position] if row.domain else None
        text = DOMAINS.get(domain, "{}") if domain else "{}"
        if is_float(scope.values[first]) and scope.rng.random() < 0.8:
            texts.append(text.replace("{}", f"{{{position}}}"))
        else:
            texts.append(f"{{{position}}}")
    return Expression(f"{name}({', '.join(texts)})", tuple(uses), rounding(row))


def _broadcasts(a: np.ndarray, b: np.ndarray) -> bool:
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return math.prod(shape) <= 1 << 16


def sampled(scope: Scope) -> Expression | None:
    """A row with the shapes and attributes of one of its samples."""
    every = [(n, r) for n, r in table_rows() if r.samples not in (UNARY_SHAPES, BINARY_SHAPES)]
    name, row = scope.rng.choice(every)
    sample: Sample = scope.rng.choice(list(row.samples))
    uses: list[str] = []
    texts: list[str] = []
    kind: str | None = None
    for position, shape in enumerate(sample.shapes):
        fixed = _dtype_of(row, position)
        if not isinstance(shape, tuple):
            texts.append(_literal(np.asarray(shape), fixed))
            continue
        wanted = {fixed or kind} if fixed or kind else set(row.dtypes)
        # Zeros that are put between elements are multiplied eagerly, and left out by compiled code.
        tame = row.spec.family == "convolution"
        found = scope.pick(
            lambda a, w=wanted, t=tame: (
                a.dtype.name in w and not (t and is_float(a) and not np.isfinite(a).all())
            )
        )
        if found is None:
            return None
        kind = kind or (None if fixed else scope.values[found].dtype.name)
        text = fitted(scope.values[found], shape)
        if text is None:
            return None
        texts.append(text.replace("{}", f"{{{len(uses)}}}"))
        uses.append(found)
    texts += [f"{key}={_plain(value)!r}" for key, value in sample.attributes.items()]
    if not uses or any("array(" in text for text in texts):
        return None
    return Expression(f"{name}({', '.join(texts)})", tuple(uses), rounding(row))


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _literal(array: np.ndarray, fixed: str | None) -> str:
    if array.size == 0:
        return f"tf.zeros({list(array.shape)}, tf.{fixed or array.dtype.name})"
    return f"tf.constant({array.tolist()}, tf.{fixed or array.dtype.name})"


def reduction(scope: Scope) -> Expression | None:
    """A reduction over random axes of any shape."""
    every = [(n, r) for n, r in table_rows() if r.spec.family == "reduction"]
    name, row = scope.rng.choice(every)
    x = scope.pick(lambda a: a.ndim > 0 and a.dtype.name in row.dtypes)
    if x is None:
        return None
    rank = scope.values[x].ndim
    if "arg" in name:
        return Expression(f"{name}({{0}}, axis={scope.rng.randrange(rank)})", (x,))
    axes = scope.rng.sample(range(rank), scope.rng.randint(1, rank))
    keep = scope.rng.random() < 0.4
    return Expression(f"{name}({{0}}, axis={axes}, keepdims={keep})", (x,), rounding(row))


def rescale(scope: Scope) -> Expression | None:
    """Row by row: minus the mean, over the sum, over the norm - what softmax and normalisations are made of."""
    x = scope.pick(lambda a: a.ndim > 0 and is_float(a) and a.size > 0)
    if x is None:
        return None
    axis = scope.rng.randrange(-1, scope.values[x].ndim)
    text = scope.rng.choice(
        (
            "{0} - tf.reduce_mean({0}, axis=%d, keepdims=True)",
            "{0} / (1.0 + tf.reduce_sum(tf.abs({0}), axis=%d, keepdims=True))",
            "tf.exp({0} - tf.reduce_max({0}, axis=%d, keepdims=True))",
            "tf.nn.softmax({0}, axis=%d)",
            "{0} * tf.math.rsqrt(tf.reduce_mean({0} * {0}, axis=%d, keepdims=True) + 1e-3)",
            "tf.cumsum({0}, axis=%d)",
        )
    )
    return Expression(text % axis, (x,), 8.0)


def product(scope: Scope) -> Expression | None:
    """A matrix product with sizes that no tile divides, often with something done to its result."""
    x = scope.pick(lambda a: a.size > 0 and is_float(a))
    if x is None:
        return None
    y = scope.pick(lambda b: b.size > 0 and b.dtype == scope.values[x].dtype)
    assert y is not None
    m, n, k = (scope.rng.choice((1, 2, 3, 5, 8, 13, 16, 17, 31, 33, 64, 65)) for _ in range(3))
    left_t, right_t = scope.rng.random() < 0.3, scope.rng.random() < 0.3
    batch = scope.rng.choice(((), (), (), (2,), (3, 1)))
    left = fitted(scope.values[x], (*batch, *((k, m) if left_t else (m, k))))
    right = fitted(scope.values[y], (*batch[:1], *((n, k) if right_t else (k, n))))
    if left is None or right is None:
        return None
    flags = ", transpose_a=True" * left_t + ", transpose_b=True" * right_t
    text = f"tf.matmul({left.replace('{}', '{0}')}, {right.replace('{}', '{1}')}{flags})"
    text = f"{text} / {k}.0"
    text = scope.rng.choice(("{}", "{}", "tf.nn.relu({})", "tf.tanh({} + 0.5)")).replace("{}", text)
    return Expression(text, (x, y), 8.0)


def composed(scope: Scope) -> Expression | None:
    """What public functions make of several ops."""
    x = scope.pick(lambda a: a.ndim > 1 and is_float(a) and a.size > 0)
    if x is None:
        return None
    texts = (
        "tf.nn.moments({0}, [-1])[1]",
        "tf.nn.l2_normalize({0}, -1)",
        "tf.nn.log_softmax({0})",
        "tf.linalg.norm({0}, axis=-1)",
        "tf.clip_by_norm({0}, 1.0)",
        "tf.linalg.band_part({0}, 1, 0)",
        "tf.linalg.diag_part({0}, k=0)",
        "tf.linalg.set_diag({0}, tf.linalg.diag_part({0}) * 2.0)",
        "tf.linalg.trace({0})",
        "tf.one_hot(tf.argmax({0}, -1), 5)",
        "tf.einsum('...i,...i->...', {0}, {0})",
        "tf.math.reduce_logsumexp({0}, [-1], keepdims=True)",
        "tf.nn.sparse_softmax_cross_entropy_with_logits(tf.argmin({0}, -1), {0})",
        "tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(-{0}), {0})",
        "tf.nn.sigmoid_cross_entropy_with_logits({0}, tf.reverse({0}, [0]))",
        "tf.nn.dropout({0}, 0.0) + tf.cast(tf.random.stateless_uniform([1], [3, 4]), {0}.dtype)",
        "tf.math.cumulative_logsumexp({0}, -1)",
        "tf.map_fn(lambda row: row * tf.reduce_max(row), {0})",
        "tf.scan(lambda a, row: 0.5 * a + row, {0})",
    )
    return Expression(scope.rng.choice(texts), (x,), 8.0)


def solution(scope: Scope) -> Expression | None:
    """Factorisations, by calls to Python, of matrices that are well-conditioned."""
    x = scope.pick(lambda a: a.size > 0 and a.dtype.name in ("float32", "float64"))
    if x is None or not np.isfinite(scope.values[x]).all():
        return None
    n = scope.rng.choice((1, 2, 3, 5))
    batch = scope.rng.choice(((), (2,), (3, 1)))
    square = fitted(scope.values[x], (*batch, n, n))
    assert square is not None
    right = square.replace("{}", "{0}")
    a = f"tf.tanh({right})"
    a = f"(tf.matmul({a}, {a}, transpose_b=True) + {n}.0 * tf.eye({n}, dtype={{0}}.dtype))"
    text = scope.rng.choice(
        ("inv(%s)", "cholesky(%s)", "det(%s)", "logdet(%s)", "solve(%s, %r)", "eigvalsh(%s)")
    )
    return Expression("tf.linalg." + text.replace("%s", a).replace("%r", right), (x,), 64.0)


def rearrangement(scope: Scope) -> Expression | None:
    """The same elements in another order, or some of them, or with others around."""
    rng = scope.rng
    x = scope.pick(lambda a: a.ndim > 0)
    if x is None:
        return None
    shape = scope.values[x].shape
    rank, axis = len(shape), rng.randrange(len(shape))
    texts = [
        f"tf.transpose({{0}}, {rng.sample(range(rank), rank)})",
        f"tf.reverse({{0}}, [{axis}])",
        f"tf.roll({{0}}, {rng.randint(-3, 3)}, {axis})",
        f"tf.expand_dims({{0}}, {axis})",
        f"tf.pad({{0}}, {[[rng.randint(0, 2), rng.randint(0, 2)] for _ in shape]})",
        f"tf.tile({{0}}, {[rng.randint(1, 2) for _ in shape]})",
        f"{{0}}[{', '.join(_slice(rng, n) for n in shape)}]",
        f"{{0}}[{', '.join(_slice(rng, n) for n in shape[: rng.randint(1, rank)])}]",
        f"tf.concat([{{0}}, {{0}}], {axis})",
        f"tf.stack([{{0}}, {{0}}], {axis})",
        f"tf.reshape({{0}}, {_factors(rng, math.prod(shape))})",
        "tf.reshape({0}, [-1])",
        f"tf.sort({{0}}, axis={axis})",
        "tf.squeeze({0})",
        f"tf.repeat({{0}}, 2, axis={axis})",
    ]
    if shape[axis]:
        places = [rng.randrange(shape[axis]) for _ in range(rng.randint(1, 5))]
        texts.append(f"tf.gather({{0}}, tf.constant({places}), axis={axis})")
        parts = rng.choice([n for n in range(1, shape[axis] + 1) if shape[axis] % n == 0])
        texts.append(f"tf.split({{0}}, {parts}, axis={axis})[{rng.randrange(parts)}]")
    return Expression(rng.choice(texts), (x,))


def _slice(rng: random.Random, size: int) -> str:
    kind = rng.randrange(5)
    if kind == 0 and size:
        return str(rng.randrange(-size, size))
    if kind == 1:
        return "::-1"
    if kind == 2:
        return f"{rng.randint(0, 2)}::{rng.randint(1, 3)}"
    if kind == 3:
        return f":{rng.randint(-2, 4)}"
    return ":"


def _factors(rng: random.Random, size: int) -> list[int]:
    """A shape of `size` elements."""
    shape: list[int] = []
    while size > 1 and len(shape) < 3:
        divisor = rng.choice([n for n in range(1, min(size, 64) + 1) if size % n == 0])
        shape.append(divisor)
        size //= divisor
    return [*shape, size]


def selection(scope: Scope) -> Expression | None:
    """A choice by a condition, elements of a number that depends on the data, or an assigned item."""
    x = scope.pick(lambda a: a.ndim > 0 and is_float(a))
    if x is None:
        return None
    a = scope.values[x]
    y = scope.pick(lambda b: b.dtype == a.dtype and _broadcasts(a, b)) or x
    texts = [
        "tf.where({0} > {1}, {0}, {1})",
        "tf.where({0} < 0, tf.zeros_like({0}), {0})",
        "tf.boolean_mask({0}, {0} > 0)",
        "tf.cast(tf.where({0} > 0), tf.float32)",
        "tf.tensor_scatter_nd_add({0}, [[0]], {0}[:1])",
        "tf.math.unsorted_segment_sum({0}, tf.cast({0} > 0, tf.int32), 3)",
        "tf.math.top_k({0}, 1)[0]",
        "tf.cast(tf.argsort({0}), tf.float32)",
        "tf.clip_by_value({0}, -0.5, 0.5)",
    ]
    return Expression(scope.rng.choice(texts), (x, y), ROUNDED)


def conversion(scope: Scope) -> Expression | None:
    """Another dtype."""
    x = scope.pick()
    if x is None:
        return None
    kinds = ("float32", "float32", "float64", "int32", "int64", "bool", "uint8", "float16")
    return Expression(f"tf.cast({{0}}, tf.{scope.rng.choice(kinds)})", (x,))


def joined(scope: Scope) -> Expression | None:
    """Two values in one, or one put into another."""
    x = scope.pick(lambda a: a.ndim > 0)
    if x is None:
        return None
    a = scope.values[x]
    y = scope.pick(lambda b: b.dtype == a.dtype and b.shape[1:] == a.shape[1:] and b.ndim == a.ndim)
    return Expression("tf.concat([{0}, {1}], 0)", (x, y or x))


def arithmetic(scope: Scope) -> Expression | None:
    """Python's operators."""
    x = scope.pick(is_number)
    if x is None:
        return None
    a = scope.values[x]
    y = scope.pick(lambda b: b.dtype == a.dtype and _broadcasts(a, b)) or x
    texts = [
        "{0} + {1}",
        "{0} * {1}",
        "{0} - {1}",
        "{0} * 2 + {1}",
        "-{0}",
        "abs({0})",
        "{0} * {0}",
    ]
    return Expression(scope.rng.choice(texts), (x, y), ROUNDED)


RULES: tuple[tuple[Rule, int], ...] = (
    (elementwise, 7),
    (sampled, 4),
    (reduction, 3),
    (rescale, 2),
    (product, 2),
    (composed, 3),
    (solution, 1),
    (rearrangement, 4),
    (selection, 2),
    (conversion, 1),
    (joined, 1),
    (arithmetic, 4),
)
