"""Control flow as functions: `tf.cond`, `tf.while_loop`, `tf.map_fn`, ... written as the Python that they stand for.

Compiled functions interpret these like the user's own code, so their branches and loops are staged where conditions are tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tfc.core import nest
from tfc.core.convert import convert_to_tensor
from tfc.core.errors import InvalidArgumentError
from tfc.core.requirements import require_callable, require_iterable, require_pair
from tfc.ops.sizes import require_rows


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """`true_fn()` if `pred` holds, else `false_fn()`.

    Raises:
        ValueError: `pred` is a tensor of more than one element (TFC111).

    >>> import tfc as tf
    >>> tf.cond(tf.constant(True), lambda: 1, lambda: 2)
    1
    """
    for function in (true_fn, false_fn):
        if function is not None:
            require_callable("cond", function)
    if isinstance(pred, np.ndarray):
        pred = convert_to_tensor(pred)
    if pred:
        return true_fn() if true_fn is not None else None
    return false_fn() if false_fn is not None else None


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds; the last `loop_vars`.

    >>> import tfc as tf
    >>> tf.while_loop(lambda i: i < 5, lambda i: (i + 2,), [tf.constant(0)])[0].numpy()
    np.int32(6)
    """
    require_callable("while_loop: cond", cond)
    require_callable("while_loop: body", body)
    state = loop_vars
    if isinstance(state, dict):
        while cond(state):
            state = body(state)
        return state
    count = 0
    state = tuple(require_iterable("while_loop: loop_vars", state))
    while (maximum_iterations is None or count < maximum_iterations) and cond(*state):
        result = body(*state)
        if isinstance(result, list | tuple):
            state = tuple(result)
        else:
            state = (result,)
        count = count + 1
    return list(state) if isinstance(loop_vars, list) else state


def case(
    pred_fn_pairs: Sequence[Any],
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """The value of the first function whose condition holds, else of `default`.

    Raises:
        ValueError: no condition holds and there is no default.

    >>> import tfc as tf
    >>> tf.case([(tf.constant(False), lambda: 1), (tf.constant(True), lambda: 2)])
    2
    """
    for pair in require_iterable("case: pred_fn_pairs", pred_fn_pairs):
        condition, function = require_pair("case: pred_fn_pairs", pair)
        require_callable("case: pred_fn_pairs", function)
        if condition:
            return function()
    if default is None:
        raise InvalidArgumentError("TFC107", "case: no condition holds and there is no default")
    return require_callable("case: default", default)()


def switch_case(
    branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case"
) -> Any:
    """The value of function number `branch_index`; of `default`, or else the last one, when there is no such number.

    >>> import tfc as tf
    >>> tf.switch_case(tf.constant(1), [lambda: 10, lambda: 20])
    20
    """
    if isinstance(branch_fns, dict):
        pairs = list(branch_fns.items())
    elif isinstance(branch_fns, list | tuple) and branch_fns and isinstance(branch_fns[0], tuple):
        pairs = list(branch_fns)
    else:
        pairs = list(enumerate(require_iterable("switch_case: branch_fns", branch_fns)))
    if not pairs:
        raise InvalidArgumentError("TFC107", "switch_case: there are no functions")
    for _, function in pairs:
        require_callable("switch_case: branch_fns", function)
    for index, function in pairs:
        if branch_index == index:
            return function()
    return default() if default is not None else pairs[-1][1]()


def _rows(function: str, elems: Any, needed: bool) -> tuple[Any, int]:
    """The elements as tensors, and the number of rows, of which one is `needed`."""
    tensors = nest.map_structure(convert_to_tensor, elems)
    leaves = nest.flatten(tensors)
    if not leaves:
        raise InvalidArgumentError("TFC107", f"{function}: there are no tensors to go through")
    if needed:
        require_rows(function, leaves[0])
    return tensors, len(leaves[0])


def _stack(rows: list[Any]) -> Any:
    """The rows of each leaf as one tensor."""
    from tfc.ops.joining import stack

    if not isinstance(rows[0], list | tuple | dict):
        return stack(rows)
    return nest.map_structure(lambda *leaves: stack(list(leaves)), *rows)


def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """`fn` applied to the rows of `elems` (a tensor or a structure of them), the results stacked.

    >>> import tfc as tf
    >>> tf.map_fn(lambda x: x * 2, tf.constant([1, 2])).numpy()
    array([2, 4], dtype=int32)
    """
    from tfc.ops.joining import stack

    require_callable("map_fn: fn", fn)
    if not isinstance(elems, list | tuple | dict):
        results = []
        for row in require_rows("map_fn", convert_to_tensor(elems)):
            results.append(fn(row))
        if not isinstance(results[0], list | tuple | dict):
            return stack(results)
        return _stack(results)
    tensors, count = _rows("map_fn", elems, True)
    return _stack([fn(_row(tensors, index)) for index in range(count)])


def vectorized_map(
    fn: Callable[[Any], Any], elems: Any, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """`tf.map_fn`: compiled loops are vectorized wherever that is possible.

    >>> import tfc as tf
    >>> tf.vectorized_map(lambda x: x * 2, tf.constant([1, 2])).numpy()
    array([2, 4], dtype=int32)
    """
    return map_fn(fn, elems)


def _row(tensors: Any, index: Any) -> Any:
    return nest.map_structure(lambda tensor: tensor[index], tensors)


def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`fn(...fn(fn(initializer, e0), e1)..., en)`; without an initializer the first element is it.

    >>> import tfc as tf
    >>> tf.foldl(lambda a, x: a + x, tf.constant([1, 2, 3])).numpy()
    np.int32(6)
    """
    require_callable("foldl: fn", fn)
    tensors, count = _rows("foldl", elems, initializer is None)
    start = 0
    state = initializer
    if initializer is None:
        state = _row(tensors, 0)
        start = 1
    for index in range(start, count):
        state = fn(state, _row(tensors, index))
    return state


def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`foldl` from the last element to the first.

    >>> import tfc as tf
    >>> tf.foldr(lambda a, x: a - x, tf.constant([1, 2, 3])).numpy()
    np.int32(0)
    """
    require_callable("foldr: fn", fn)
    tensors, count = _rows("foldr", elems, initializer is None)
    last = count - 1
    state = initializer
    if initializer is None:
        state = _row(tensors, last)
        last = last - 1
    for index in range(last, -1, -1):
        state = fn(state, _row(tensors, index))
    return state


def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """The states of `foldl`, stacked.

    >>> import tfc as tf
    >>> tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    require_callable("scan: fn", fn)
    tensors, count = _rows("scan", elems, True)
    order = list(range(count))
    if reverse:
        order = order[::-1]
    state = initializer
    states = []
    for index in order:
        row = _row(tensors, index)
        state = row if state is None else fn(state, row)
        states.append(state)
    return _stack(states[::-1] if reverse else states)


class TensorArray:
    """A list of tensors under TensorFlow's names: `write`, `read`, `stack`, `unstack`, `size`.

    Args:
        dtype: of the elements.
        size: how many there are at first; reading one that was not written gives zeros of `element_shape`.
        dynamic_size: whether writing behind the end makes it longer.

    >>> import tfc as tf
    >>> a = tf.TensorArray(tf.float32, size=2)
    >>> a.write(0, 1.0).write(1, 2.0).stack().numpy()
    array([1., 2.], dtype=float32)
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self.dtype = dtype
        self.dynamic_size = bool(dynamic_size)
        self.element_shape = element_shape
        self._items: list[Any] = []
        self._declared = 0 if size is None else size

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put `value` at `index`; returns the array."""
        value = convert_to_tensor(value, self.dtype)
        if index == len(self._items):
            self._items.append(value)
        else:
            self._items[index] = value
        return self

    def read(self, index: Any, name: str | None = None) -> Any:
        """The element at `index`; raises `IndexError` when it was not written."""
        return self._items[index]

    def stack(self, name: str | None = None) -> Any:
        """All elements as one tensor."""
        from tfc.ops.joining import stack

        return stack(self._items)

    def concat(self, name: str | None = None) -> Any:
        """All elements joined along their first axis."""
        from tfc.ops.joining import concat

        return concat(self._items, 0)

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Fill the array with the rows of `value`."""
        self._items = list(convert_to_tensor(value))
        return self

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """The elements at `indices`, stacked."""
        from tfc.ops.indexing import gather
        from tfc.ops.joining import stack

        return gather(stack(self._items), indices)

    def size(self, name: str | None = None) -> Any:
        """The number of elements."""
        return max(self._declared, len(self._items)) if not self.dynamic_size else len(self._items)

    def identity(self) -> TensorArray:
        return self

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> Any:
        """Not needed: gradient tapes see the elements themselves."""
        raise NotImplementedError("gradients of a TensorArray are taken by tf.GradientTape")
