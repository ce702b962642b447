"""Compiled ops: a case records one call straight into IR; many cases go through the compiler in one module.

This is the tracing of a single call and nothing more, so that what fails here is an op or a pass.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import llvmlite
import numpy as np
import tfc as tf
from tfc.core.dispatch import tell_tapes
from tfc.core.recording import STATE
from tfc.core.tensor import Tensor
from tfc.dialects.tfc.attributes import dense_attribute, tensor_type
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.dialects.tfc.semantics.types import ArrayType
from tfc.passes.pipelines import STAGES, passes_between, run_passes
from tfc.passes.verification import verify
from tfc_ops import build_op
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region, SSAValue

from op_table.row import Row, Sample
from op_table.values import operands

if TYPE_CHECKING:
    from tfc.backend import Artifact

KEPT = Path(__file__).resolve().parents[2] / "build" / "op_table"


class Probe(Tensor):
    """A tensor without values: an SSA value and its type."""

    __slots__ = ("kind", "ssa")

    kind: ArrayType
    ssa: SSAValue

    @classmethod
    def make(cls, kind: ArrayType, ssa: SSAValue) -> Probe:
        probe = object.__new__(cls)
        probe.kind, probe.ssa = kind, ssa
        return probe

    @property
    def type(self) -> ArrayType:
        return self.kind

    def snapshot(self) -> Probe:
        return self  # it is never assigned


class BlockRecorder:
    """A `Recorder` that appends each op to a block."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.attributes: list[dict[str, Any]] = []
        """Those of all ops: functions of the host live as long as what names them."""

    def value(self, tensor: Tensor) -> SSAValue:
        if isinstance(tensor, Probe):
            return tensor.ssa
        attribute = dense_attribute(np.asarray(tensor._array))
        op = arith.ConstantOp.create(result_types=[attribute.type], properties={"value": attribute})
        self.block.add_op(op)
        return op.results[0]

    def record(self, spec: OpSpec, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        self.attributes.append(attributes)
        inferred = spec.infer(*[t.type for t in inputs], **attributes)
        kinds = (inferred,) if isinstance(inferred, ArrayType) else inferred
        op = build_op(spec, [self.value(t) for t in inputs], attributes)
        self.block.add_op(op)
        made = tuple(Probe.make(k, r) for k, r in zip(kinds, op.results, strict=True))
        tell_tapes(spec, inputs, attributes, made)
        return made[0] if isinstance(inferred, ArrayType) else made

    def require_known(self, tensor: Tensor, what: str) -> None:
        """Everything that a case depends on is its arguments."""

    def look(self, tensor: Tensor, ask: Callable[[np.ndarray], Any]) -> None:
        """Their values are not known."""


@dataclass
class Case:
    """One call to compile: a row, a sample, a dtype, and whether sizes are `?`."""

    row: Row
    sample: Sample
    dtype: str
    dynamic: bool = False
    special: int = 0
    gradient: bool = False
    arrays: list[np.ndarray] = field(default_factory=list)
    recorder: BlockRecorder | None = None

    def __post_init__(self) -> None:
        self.arrays = operands(self.row, self.sample, self.dtype, special=self.special)

    def __str__(self) -> str:
        shapes = ", ".join(str(array.shape) for array in self.arrays)
        how = ("?" if self.dynamic else "") + (" gradient" if self.gradient else "")
        return f"{self.row.spec.name} {self.dtype} [{shapes}] {self.sample.attributes or ''} {how}"

    def argument_types(self) -> list[ArrayType]:
        return [
            ArrayType(
                a.dtype,
                tuple(
                    None if self.dynamic and n != 1 and i not in self.row.static_operands else n
                    for n in a.shape
                ),
            )
            for i, a in enumerate(self.arrays)
        ]

    def call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The results for these tensors: the op's own, or the gradients of its float results' sum."""
        if not self.gradient:
            return _flat(self.row.function(*tensors, **self.sample.attributes))
        with tf.GradientTape() as tape:
            for tensor in tensors:
                if tensor.dtype.is_floating:
                    tape.watch(tensor)
            results = _flat(self.row.function(*tensors, **self.sample.attributes))
        found = tape.gradient([t for t in results if t.dtype.is_floating], list(tensors))
        return [g for g in found if g is not None]

    def eager(self) -> list[Tensor]:
        return self.call([tf.constant(a, a.dtype) for a in self.arrays])

    def record(self, block: Block) -> list[SSAValue]:
        """Append the call to `block`, with new arguments for it, and give its results."""
        first = len(block.args)
        kinds = self.argument_types()
        for kind in kinds:
            block.insert_arg(tensor_type(kind), len(block.args))
        probes = [Probe.make(k, block.args[first + i]) for i, k in enumerate(kinds)]
        recorder = self.recorder = BlockRecorder(block)
        STATE.recorder = recorder  # pyright: ignore[reportAttributeAccessIssue]
        try:
            return [recorder.value(t) for t in self.call(probes)]
        finally:
            STATE.recorder = None


def _flat(value: Any) -> list[Tensor]:
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _flat(item)]
    return [value if isinstance(value, Tensor) else tf.constant(value)]


def build_module(cases: Sequence[Case], name: str = "main") -> ModuleOp:
    """A module of the tensor stage whose one function does all cases."""
    block = Block()
    results = [value for case in cases for value in case.record(block)]
    block.add_op(func.ReturnOp(*results))
    kind = ([a.type for a in block.args], [r.type for r in results])
    return ModuleOp([func.FuncOp(name, kind, Region(block))])


def lowered(cases: Sequence[Case], stage: str) -> ModuleOp:
    """A verified module of `stage` that does all cases."""
    return next(module for name, module in stages(cases, stage) if name == stage)


def stages(cases: Sequence[Case], last: str = "cf") -> Iterator[tuple[str, ModuleOp]]:
    """The module that does all cases, verified at each stage from linalg down to `last`.

    It is the same module each time: use it before the next is asked for.
    """
    module = build_module(cases)
    verify(module)
    before = "tensor"
    for stage in list(STAGES)[1:]:
        run_passes(module, passes_between(before, stage))
        verify(module)
        yield stage, module
        if stage == last:
            return
        before = stage


def compiled(module: ModuleOp) -> Artifact:
    """The compiled module; LLVM's part is kept in build/ between runs, by the text that it is made from."""
    from tfc.backend import Artifact, compile_module, host
    from tfc.backend.errors import ArtifactError
    from tfc.backend.translate import translate_module

    translation = translate_module(module)
    facts = (translation.asserts, translation.host_calls, str(module.attributes), host().key())
    key = f"{translation.text}{facts}{llvmlite.__version__}"
    file = KEPT / hashlib.sha256(key.encode()).hexdigest()
    if file.exists():
        with contextlib.suppress(ArtifactError):
            return Artifact.from_bytes(file.read_bytes())
    artifact = compile_module(module)
    KEPT.mkdir(parents=True, exist_ok=True)
    file.write_bytes(artifact.to_bytes())
    return artifact


def run_compiled(cases: Sequence[Case]) -> list[list[np.ndarray]]:
    """The results of each case, compiled and run as one module."""
    from tfc.backend import load

    module = build_module(cases)
    counts = [len(case.eager()) for case in cases]
    dtypes = [np.asarray(t).dtype for case in cases for t in case.eager()]
    run_passes(module, passes_between("tensor", "cf"))
    native = load(compiled(module), result_dtypes=dtypes)
    arguments = [np.ascontiguousarray(a).reshape(a.shape) for c in cases for a in c.arrays]
    results = iter(native(arguments))
    return [[next(results) for _ in range(count)] for count in counts]
