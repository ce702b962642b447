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
from tfc.core.mapping import map_structure
from tfc.core.requirements import require_callable, require_iterable, require_pair
from tfc.core.shape import TensorSpec
from tfc.core.unwritten import Unwritten, counted, is_known
from tfc.ops.creation import zeros
from tfc.ops.joining import stack
from tfc.ops.rows import has_known_shape, with_row
from tfc.ops.shape import reverse as reversed_along
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
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds.

    Returns:
        The last `loop_vars`, numbers as tensors.

    Raises:
        ValueError: `body` returns another number of values than there are `loop_vars` (TFC107).

    >>> import tfc as tf
    >>> tf.while_loop(lambda i: i < 5, lambda i: (i + 2,), [tf.constant(0)])[0].numpy()
    np.int32(6)
    """
    require_callable("while_loop: cond", cond)
    require_callable("while_loop: body", body)
    count = 0
    if isinstance(loop_vars, dict):
        named = loop_vars
        while (maximum_iterations is None or count < maximum_iterations) and cond(named):
            named = body(named)
            count = count + 1
        return map_structure(_as_tensor, named)
    state = tuple(loop_vars) if isinstance(loop_vars, list | tuple) else (loop_vars,)
    while (maximum_iterations is None or count < maximum_iterations) and cond(*state):
        result = body(*state)
        result = tuple(result) if isinstance(result, list | tuple) else (result,)
        if len(result) != len(state):
            raise InvalidArgumentError(
                "TFC107",
                f"while_loop: body returns {len(result)} values for {len(state)} loop_vars",
                "return a value for each of loop_vars, in their order",
            )
        state = result
        count = count + 1
    state = map_structure(_as_tensor, state)
    if isinstance(loop_vars, list):
        return list(state)
    return state if isinstance(loop_vars, tuple) else state[0]


def _as_tensor(leaf: Any) -> Any:
    """Numbers as tensors; what else a loop carries (objects, None) as it is."""
    return convert_to_tensor(leaf) if isinstance(leaf, int | float) else leaf


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


def _rows(op: str, fn: Any, elems: Any) -> tuple[Any, Any]:
    """The elements as tensors, and the number of rows."""
    require_callable(f"{op}: fn", fn)
    tensors = map_structure(convert_to_tensor, elems)
    leaves = nest.flatten(tensors)
    if not leaves:
        raise InvalidArgumentError("TFC107", f"{op}: there are no tensors to go through")
    rows = [require_rows(op, leaf) for leaf in leaves]
    if len({leaf.shape[0] for leaf in rows} - {None}) > 1:
        types = ", ".join(str(leaf.type) for leaf in rows)
        raise InvalidArgumentError("TFC106", f"{op}: different numbers of rows: {types}")
    return tensors, len(rows[0])


def _row(tensors: Any, index: Any) -> Any:
    if not nest.is_nested(tensors):
        return tensors[index]
    return map_structure(lambda tensor: tensor[index], tensors)


class _Rows:
    """Results of equal structure, one after the other, that become one result with a leading axis."""

    def __init__(self, count: Any) -> None:
        self._count = count
        self._flat: list[Any] = []
        self._whole: Any = Unwritten(self._flat)
        """The results as tensors, once they are written in a loop that is kept one."""
        self._structure = nest.Structure()

    def put(self, index: Any, result: Any) -> None:
        """Result number `index`, in order."""
        leaves = tuple(self._structure.flatten(result))
        is_flat = is_known(index) and isinstance(self._whole, Unwritten)
        if is_flat or not is_known(self._count) or not all(map(has_known_shape, leaves)):
            self._flat.append(leaves)
            return
        if isinstance(self._whole, Unwritten):
            wholes = [Unwritten([row[k] for row in self._flat]) for k in range(len(leaves))]
        else:
            wholes = self._whole
        self._whole = tuple(
            [
                with_row(whole, self._count, index, leaf)
                for whole, leaf in zip(wholes, leaves, strict=True)
            ]
        )

    def stack(self, reverse: bool = False) -> Any:
        """All of them, the first one last with `reverse`."""
        if isinstance(self._whole, Unwritten):
            leaves = [stack([row[k] for row in self._flat]) for k in range(self._structure.count)]
        else:
            leaves = list(self._whole)
        if reverse:
            leaves = [reversed_along(leaf, [0]) for leaf in leaves]
        return self._structure.pack(leaves)


def _is_empty(tensors: Any) -> bool:
    """Whether there are known to be no rows; a loop that finds none at run time has been traced all the same."""
    return nest.flatten(tensors)[0].type.shape[0] == 0


def _no_rows(results: Any) -> Any:
    """Tensors without rows, for results of this structure: tensors, or specs of them."""
    return map_structure(lambda leaf: zeros([0, *leaf.shape], leaf.dtype), results)


def _results_of(fn: Callable[..., Any], tensors: Any) -> Any:
    """The specs of what `fn` gives for a row, found without running it."""
    from tfc.compiled.decorator import function

    specs = map_structure(lambda tensor: TensorSpec(tensor.shape[1:], tensor.dtype), tensors)
    return function(fn).get_concrete_function(specs).structured_outputs


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

    Args:
        dtype, fn_output_signature: not needed; where there are no rows the results are found by tracing `fn`.

    >>> import tfc as tf
    >>> tf.map_fn(lambda x: x * 2, tf.constant([1, 2])).numpy()
    array([2, 4], dtype=int32)
    """
    tensors, count = _rows("map_fn", fn, elems)
    if _is_empty(tensors):
        return _no_rows(_results_of(fn, tensors))
    rows = _Rows(count)
    for index in counted(0, count):
        rows.put(index, fn(_row(tensors, index)))
    return rows.stack()


def vectorized_map(
    fn: Callable[[Any], Any], elems: Any, fallback_to_while_loop: bool = True, warn: bool = True
) -> Any:
    """`tf.map_fn` under its other name: loops over rows are vectorised by the compiler.

    >>> import tfc as tf
    >>> tf.vectorized_map(lambda x: x * 2, tf.constant([1, 2])).numpy()
    array([2, 4], dtype=int32)
    """
    return map_fn(fn, elems)


def _first(op: str, initializer: Any, tensors: Any, count: Any, index: Any) -> tuple[Any, int]:
    """The state before the first call, and how many rows it took."""
    if initializer is not None:
        return map_structure(convert_to_tensor, initializer), 0
    if count == 0:
        raise InvalidArgumentError(
            "TFC107", f"{op}: elems has no rows and there is no initializer", "give initializer=..."
        )
    return _row(tensors, index), 1


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

    Raises:
        ValueError: there are neither rows nor an initializer (TFC107).

    >>> import tfc as tf
    >>> tf.foldl(lambda a, x: a + x, tf.constant([1, 2, 3])).numpy()
    np.int32(6)
    """
    tensors, count = _rows("foldl", fn, elems)
    state, begin = _first("foldl", initializer, tensors, count, 0)
    for index in counted(begin, count):
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
    tensors, count = _rows("foldr", fn, elems)
    last = count - 1
    state, begin = _first("foldr", initializer, tensors, count, last)
    for step in counted(begin, count):
        state = fn(state, _row(tensors, last - step))
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
    """The states of `foldl`, stacked; those of `foldr` with `reverse`, the last one first.

    >>> import tfc as tf
    >>> tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    tensors, count = _rows("scan", fn, elems)
    last = count - 1
    state, begin = _first("scan", initializer, tensors, count, last if reverse else 0)
    if _is_empty(tensors):
        return _no_rows(state)
    states = _Rows(count)
    if begin == 1:
        states.put(0, state)
    for step in counted(begin, count):
        state = fn(state, _row(tensors, last - step if reverse else step))
        states.put(step, state)
    return states.stack(reverse)
