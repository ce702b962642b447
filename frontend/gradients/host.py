"""Gradients of calls to the host: `tf.py_function` calls the host again, under a tape of its own."""

from __future__ import annotations

from collections.abc import Sequence

from tfc.core.dispatch import apply
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.semantics import host as semantics
from tfc.dialects.tfc.semantics.dtypes import is_float
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.gradients.registry import NotDifferentiable, RecordedOp, Rule


def _host_call(op: RecordedOp, *grads: Tensor | None) -> Sequence[Tensor | None]:
    from tfc.ops.creation import zeros_like
    from tfc.ops.host import EagerFunction

    function = semantics.PYTHON_FUNCTIONS[op.attributes["function"]].call
    assert isinstance(function, EagerFunction)  # the others are without gradient to begin with
    seeds = [
        zeros_like(output) if grad is None else grad
        for grad, output in zip(grads, op.outputs, strict=True)
    ]
    number = semantics.register(function.backward(len(op.inputs)))
    types = tuple((tensor.type.dtype, tensor.type.shape) for tensor in op.inputs)
    results = apply(semantics.host_call, *op.inputs, *seeds, function=number, result_types=types)
    listed = results if isinstance(results, tuple) else (results,)
    return [g if is_float(x.type.dtype) else None for g, x in zip(listed, op.inputs, strict=True)]


RULES: dict[OpSpec, Rule | NotDifferentiable] = {
    semantics.host_call: _host_call,
    semantics.pure_host_call: _host_call,
}
