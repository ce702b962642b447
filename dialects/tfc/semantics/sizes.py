"""Sizes as attributes: ints where known, `None` where a rank-0 integer operand gives the value at run time.

    tfc.reshape %x, %n {shape = [none, 4]} : (tensor<?xf32>, tensor<i32>) -> tensor<?x4xf32>

The operands follow in the order of the `None`s, over all attributes that hold sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tfc.dialects.tfc.semantics.errors import OpError
from tfc.dialects.tfc.semantics.types import ArrayType, Shape

INT32_MAX = 2**31 - 1


def check_size_operands(
    op: str, operands: Sequence[ArrayType], *attributes: Sequence[int | None]
) -> None:
    """Check that `operands` are integer scalars, as many as there are `None`s; raises `OpError` TFC107."""
    wanted = sum(size is None for sizes in attributes for size in sizes)
    if len(operands) != wanted:
        raise OpError(
            "TFC107",
            f"{op}: expected {wanted} operands for the sizes that are not static, got {len(operands)}",
            "give one rank-0 integer operand for each size that is none",
        )
    for kind in operands:
        if kind.rank or kind.dtype.kind not in "iu":
            raise OpError(
                "TFC107",
                f"{op}: expected an integer scalar as a size, got {kind}",
                "use integers, for example tf.shape(x)[0]",
            )


def fill_sizes(sizes: Sequence[int | None], operands: Sequence[np.ndarray]) -> tuple[int, ...]:
    """`sizes` with the values of `operands` for the `None`s, in order."""
    if not operands:
        return tuple(sizes)  # pyright: ignore[reportReturnType]
    values = iter(operands)
    return tuple(int(next(values)) if size is None else size for size in sizes)


def check_not_negative(op: str, what: str, sizes: Sequence[int | None]) -> None:
    """Raise `OpError` TFC107 for a negative size."""
    for size in sizes:
        if size is not None and size < 0:
            raise OpError(
                "TFC107",
                f"{op}: expected {what} >= 0, got {shown(sizes)}",
                "use 0 or more",
            )


def shown(sizes: Sequence[int | None]) -> str:
    """Sizes as messages show them: `[2, ?]`."""
    return "[" + ", ".join("?" if size is None else str(size) for size in sizes) + "]"


def known_product(shape: Shape) -> int:
    """The product of the sizes that are known."""
    product = 1
    for size in shape:
        if size is not None:
            product *= size
    return product


def total(shape: Shape) -> int | None:
    """The number of elements, None when a size is unknown and none is zero."""
    product = known_product(shape)
    return None if product and None in shape else product


def broadcasts_to(source: int | None, target: int | None) -> bool:
    """Whether a dim of size `source` could be broadcast to `target`."""
    return source is None or target is None or source in (1, target)
