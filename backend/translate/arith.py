"""`arith` and the part of `math` that LLVM has instructions or intrinsics for, on scalars and
vectors.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tfc.backend.errors import BackendError
from tfc.backend.translate.emitter import Emitter
from tfc.backend.translate.types import TypeInfo
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    DenseResourceAttr,
    FloatAttr,
    IntegerAttr,
)
from xdsl.ir import Attribute, Operation

Handler = Callable[[Emitter, Operation], None]
RowFunction = Callable[[Emitter, Operation, TypeInfo, Sequence[str]], str]


def elementwise(row: RowFunction) -> Handler:
    """Apply `row` to scalars, to rank-1 vectors, or to vectors of higher rank row by row.

    `row` gets the type of the *first operand*.
    """

    def handler(e: Emitter, op: Operation) -> None:
        operands = op._operands  # pyright: ignore[reportPrivateUsage]
        info = e.info(operands[0].type)
        values = [e.values[o] for o in operands]
        result = op.results[0]
        if isinstance(values[0], list):
            rows = [
                row(e, op, info, names)  # pyright: ignore[reportArgumentType]
                for names in zip(*values, strict=True)  # pyright: ignore[reportArgumentType]
            ]
            e.values[result] = rows
        else:
            e.values[result] = row(e, op, info, values)  # pyright: ignore[reportArgumentType]

    return handler


# bf16


def bf16_to_float(e: Emitter, info: TypeInfo, name: str) -> str:
    """A bf16 carried as i16, as the float with the same upper half."""
    i32, f32 = info.spell("i32"), info.spell("float")
    wide = e.define(f"zext {info.llvm} {name} to {i32}")
    shifted = e.define(f"shl {i32} {wide}, {splat(info, 'i32', '16')}")
    return e.define(f"bitcast {i32} {shifted} to {f32}")


def float_to_bf16(e: Emitter, info: TypeInfo, name: str) -> str:
    """Round a float to nearest even in the upper half; a nan stays a (quiet) nan."""
    i32, f32, i16, i1 = (info.spell(t) for t in ("i32", "float", "i16", "i1"))

    def const(value: int) -> str:
        return splat(info, "i32", str(value))

    bits = e.define(f"bitcast {f32} {name} to {i32}")
    upper = e.define(f"lshr {i32} {bits}, {const(16)}")
    odd = e.define(f"and {i32} {upper}, {const(1)}")
    bias = e.define(f"add {i32} {odd}, {const(0x7FFF)}")
    rounded = e.define(f"add {i32} {bits}, {bias}")
    rounded = e.define(f"lshr {i32} {rounded}, {const(16)}")
    quiet = e.define(f"or {i32} {upper}, {const(0x40)}")
    is_nan = e.define(f"fcmp uno {f32} {name}, {name}")
    chosen = e.define(f"select {i1} {is_nan}, {i32} {quiet}, {i32} {rounded}")
    return e.define(f"trunc {i32} {chosen} to {i16}")


def double_to_odd_float(e: Emitter, info: TypeInfo, name: str) -> str:
    """A double as the float from which a second rounding to 16 bits is exact (round to odd).

    Truncating twice to nearest would round twice. Toward zero with the last bit set when anything
    was lost does not.
    """
    f64, f32, i32, i1 = (info.spell(t) for t in ("double", "float", "i32", "i1"))
    near = e.define(f"fptrunc {f64} {name} to {f32}")
    back = e.define(f"fpext {f32} {near} to {f64}")
    magnitude = intrinsic(e, "fabs", f64, [name])
    back_magnitude = intrinsic(e, "fabs", f64, [back])
    too_far = e.define(f"fcmp ogt {f64} {back_magnitude}, {magnitude}")
    inexact = e.define(f"fcmp one {f64} {back}, {name}")
    bits = e.define(f"bitcast {f32} {near} to {i32}")
    step = e.define(f"zext {i1} {too_far} to {i32}")
    bits = e.define(f"sub {i32} {bits}, {step}")
    sticky = e.define(f"zext {i1} {inexact} to {i32}")
    bits = e.define(f"or {i32} {bits}, {sticky}")
    return e.define(f"bitcast {i32} {bits} to {f32}")


def to_compute(e: Emitter, info: TypeInfo, name: str) -> str:
    return bf16_to_float(e, info, name) if info.is_bf16 else name


def from_compute(e: Emitter, info: TypeInfo, name: str) -> str:
    return float_to_bf16(e, info, name) if info.is_bf16 else name


# Constants


def splat(info: TypeInfo, element: str, literal: str) -> str:
    """A literal in the shape of `info`."""
    return f"splat ({element} {literal})" if info.is_vector else literal


def float_literal(attribute: FloatAttr[Any]) -> str:
    """A floating-point literal by its bits, so that nans, infinities and denormals survive."""
    data: bytes = attribute.type.pack((attribute.value.data,))
    return _literal_of_bytes(attribute.type.name, data)


def _literal_of_bytes(name: str, data: bytes) -> str:
    if name == "bf16":
        return str(int.from_bytes(data, "little"))
    if name == "f16":
        return f"0xH{int.from_bytes(data, 'little'):04X}"
    if name == "f32":
        # LLVM writes a float as the double of the same value.
        data = struct.pack("<d", struct.unpack("<f", data)[0])
    return f"0x{int.from_bytes(data, 'little'):016X}"


def integer_literal(value: int, bits: int) -> str:
    if bits == 1:
        return "true" if value & 1 else "false"
    return str(value)


def _dense_rows(info: TypeInfo, dense: Attribute) -> list[str]:
    if not isinstance(dense, DenseIntOrFPElementsAttr):
        raise BackendError(f"cannot translate constant {dense}")
    kind, data = dense.get_element_type(), dense.data.data
    size = kind.compile_time_size
    cells = [data[start : start + size] for start in range(0, len(data), size)]
    literal = {
        cell: _literal_of_bytes(kind.name, cell)
        if isinstance(kind, AnyFloat)
        else integer_literal(int.from_bytes(cell, "little", signed=True), info.bits)
        for cell in set(cells)
    }
    if len(literal) == 1:
        return [splat(info, info.element, literal[cells[0]])] * info.rows
    literals = [literal[cell] for cell in cells]
    rows: list[str] = []
    for start in range(0, len(literals), info.lanes):
        lanes = literals[start : start + info.lanes]
        rows.append("<" + ", ".join(f"{info.element} {lane}" for lane in lanes) + ">")
    return rows


def constant(e: Emitter, op: Operation) -> None:
    value = op.properties["value"]
    result = op.results[0]
    if isinstance(value, IntegerAttr):
        number = value.value.data
        e.values[result] = integer_literal(number, e.info(result.type).bits)
    elif isinstance(value, FloatAttr):
        e.info(result.type)  # of the types that have a translation
        e.values[result] = float_literal(value)
    elif isinstance(value, DenseResourceAttr):
        raise BackendError("cannot translate a constant whose data is a resource")
    else:
        e.set_rows(result, _dense_rows(e.info(result.type), value))


# Families of ops

_FLAG_ORDER = ("reassoc", "nnan", "ninf", "nsz", "arcp", "contract", "afn")


def fast_math(op: Operation) -> str:
    """`fastmath<...>` as LLVM writes it, with a space after each flag."""
    attribute = op.properties.get("fastmath")
    if attribute is None:
        return ""
    flags = {str(flag.value) for flag in attribute.data}  # pyright: ignore[reportAttributeAccessIssue]
    if len(flags) == len(_FLAG_ORDER):
        return "fast "
    return "".join(f"{flag} " for flag in _FLAG_ORDER if flag in flags)


def overflow_flags(op: Operation) -> str:
    attribute = op.properties.get("overflowFlags")
    if attribute is None:
        return ""
    flags = {str(flag.value) for flag in attribute.data}  # pyright: ignore[reportAttributeAccessIssue]
    return "".join(f"{flag} " for flag in ("nuw", "nsw") if flag in flags)


def intrinsic(
    e: Emitter, name: str, type_: str, names: Sequence[str], flags: str = "", extra: str = ""
) -> str:
    """A call of an overloaded LLVM intrinsic whose operands all have the result's type."""
    arguments = ", ".join(f"{type_} {n}" for n in names)
    return e.define(f"call {flags}{type_} @llvm.{name}.{mangle(type_)}({arguments}{extra})")


def mangle(type_: str) -> str:
    """`<8 x float>` as it appears in an intrinsic's name.

    >>> mangle("<8 x float>"), mangle("double"), mangle("i32")
    ('v8f32', 'f64', 'i32')
    """
    if type_.startswith("<"):
        lanes, _, element = type_[1:-1].partition(" x ")
        return f"v{lanes}{_MANGLED.get(element, element)}"
    return _MANGLED.get(type_, type_)


_MANGLED = {"half": "f16", "float": "f32", "double": "f64", "ptr": "p0"}


def _integer_binary(opcode: str) -> RowFunction:
    def row(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
        return e.define(f"{opcode} {overflow_flags(op)}{info.llvm} {names[0]}, {names[1]}")

    return row


def _float_binary(opcode: str) -> RowFunction:
    def row(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
        a, b = (to_compute(e, info, n) for n in names)
        result = e.define(f"{opcode} {fast_math(op)}{info.compute} {a}, {b}")
        return from_compute(e, info, result)

    return row


def _float_intrinsic(name: str) -> RowFunction:
    def row(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
        wide = [to_compute(e, info, n) for n in names]
        result = intrinsic(e, name, info.compute, wide, fast_math(op))
        return from_compute(e, info, result)

    return row


def _integer_intrinsic(name: str, extra: str = "") -> RowFunction:
    def row(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
        return intrinsic(e, name, info.llvm, names, extra=extra)

    return row


def negate(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    if info.is_bf16:
        return e.define(f"xor {info.llvm} {names[0]}, {splat(info, 'i16', '-32768')}")
    return e.define(f"fneg {fast_math(op)}{info.llvm} {names[0]}")


def reciprocal_square_root(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    wide = to_compute(e, info, names[0])
    root = intrinsic(e, "sqrt", info.compute, [wide], fast_math(op))
    element = "float" if info.is_bf16 else info.element
    one = "0xH3C00" if element == "half" else "1.0"
    unit = splat(info, element, one)
    return from_compute(e, info, e.define(f"fdiv {fast_math(op)}{info.compute} {unit}, {root}"))


_CMPI = ("eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge")
_CMPF = (
    "false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord",
    "ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true",
)  # fmt: skip


def _predicate(op: Operation) -> int:
    return op.properties["predicate"].value.data  # pyright: ignore[reportAttributeAccessIssue]


def compare_integers(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    return e.define(f"icmp {_CMPI[_predicate(op)]} {info.llvm} {names[0]}, {names[1]}")


def compare_floats(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    a, b = (to_compute(e, info, n) for n in names)
    return e.define(f"fcmp {fast_math(op)}{_CMPF[_predicate(op)]} {info.compute} {a}, {b}")


UNPREDICTABLE = "tfc.unpredictable"
"""Marks an `arith.select` on what is random: LLVM makes no branch of it."""


def select(e: Emitter, op: Operation) -> None:
    condition, yes, no = op._operands  # pyright: ignore[reportPrivateUsage]
    info = e.info(yes.type)
    mask = e.info(condition.type)
    if info.is_memref:
        _select_buffer(e, op)
        return
    conditions = e.rows(condition)
    yeses, noes = e.rows(yes), e.rows(no)
    if len(conditions) == 1:
        conditions = conditions * len(yeses)
    hint = ", !unpredictable !{}" if UNPREDICTABLE in op.attributes else ""
    rows = [
        e.define(f"select {mask.llvm} {c}, {info.llvm} {a}, {info.llvm} {b}{hint}")
        for c, a, b in zip(conditions, yeses, noes, strict=True)
    ]
    e.set_rows(op.results[0], rows)


def _select_buffer(e: Emitter, op: Operation) -> None:
    condition, yes, no = op._operands  # pyright: ignore[reportPrivateUsage]
    info = e.info(yes.type)
    parts = [
        a if a == b else e.define(f"select i1 {e.scalar(condition)}, {t} {a}, {t} {b}")
        for t, a, b in zip(info.components, e.flatten(yes), e.flatten(no), strict=True)
    ]
    e.values[op.results[0]] = e.rebuild(info, parts)


# Casts


def _cast(opcode: str) -> RowFunction:
    def row(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
        target = e.info(op.results[0].type)
        return e.define(f"{opcode} {info.llvm} {names[0]} to {target.llvm}")

    return row


def index_cast(extend: str, e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    target = e.info(op.results[0].type)
    if target.bits == info.bits or (names[0][0] != "%" and not info.is_vector and info.bits > 1):
        return names[0]
    opcode = extend if target.bits > info.bits else "trunc"
    return e.define(f"{opcode} {info.llvm} {names[0]} to {target.llvm}")


def extend_float(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    target = e.info(op.results[0].type)
    name = to_compute(e, info, names[0])
    if info.compute == target.llvm:
        return name
    return e.define(f"fpext {info.compute} {name} to {target.llvm}")


def truncate_float(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    target = e.info(op.results[0].type)
    name, source = names[0], info.llvm
    if info.element == "double" and target.bits == 16:
        name, source = double_to_odd_float(e, info, name), info.spell("float")
    if target.is_bf16:
        if info.element == "half":
            name = e.define(f"fpext {info.llvm} {name} to {info.spell('float')}")
        return float_to_bf16(e, target, name)
    return e.define(f"fptrunc {source} {name} to {target.llvm}")


def integer_to_float(
    opcode: str, e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]
) -> str:
    target = e.info(op.results[0].type)
    wide = e.define(f"{opcode} {info.llvm} {names[0]} to {target.compute}")
    return from_compute(e, target, wide)


def float_to_integer(
    opcode: str, e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]
) -> str:
    target = e.info(op.results[0].type)
    wide = to_compute(e, info, names[0])
    return e.define(f"{opcode} {info.compute} {wide} to {target.llvm}")


def bitcast(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    target = e.info(op.results[0].type)
    if target.llvm == info.llvm:
        return names[0]
    return e.define(f"bitcast {info.llvm} {names[0]} to {target.llvm}")


# Two results


def extended_multiply(extend: str, e: Emitter, op: Operation) -> None:
    """Both halves of a product, from one product of twice the width."""
    lhs, rhs = op._operands  # pyright: ignore[reportPrivateUsage]
    info = e.info(lhs.type)
    wide = info.spell(f"i{2 * info.bits}")
    shift = splat(info, f"i{2 * info.bits}", str(info.bits))
    low: list[str] = []
    high: list[str] = []
    for a, b in zip(e.rows(lhs), e.rows(rhs), strict=True):
        x = e.define(f"{extend} {info.llvm} {a} to {wide}")
        y = e.define(f"{extend} {info.llvm} {b} to {wide}")
        product = e.define(f"mul {wide} {x}, {y}")
        low.append(e.define(f"trunc {wide} {product} to {info.llvm}"))
        upper = e.define(f"lshr {wide} {product}, {shift}")
        high.append(e.define(f"trunc {wide} {upper} to {info.llvm}"))
    e.set_rows(op.results[0], low)
    e.set_rows(op.results[1], high)


def extended_add(e: Emitter, op: Operation) -> None:
    lhs, rhs = op._operands  # pyright: ignore[reportPrivateUsage]
    info = e.info(lhs.type)
    sums: list[str] = []
    carries: list[str] = []
    for a, b in zip(e.rows(lhs), e.rows(rhs), strict=True):
        sums.append(e.define(f"add {info.llvm} {a}, {b}"))
        carries.append(e.define(f"icmp ult {info.llvm} {sums[-1]}, {a}"))
    e.set_rows(op.results[0], sums)
    e.set_rows(op.results[1], carries)


# Divisions that round elsewhere than toward zero


def floor_divide(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    """Quotient toward zero, one less when a remainder is left and the signs differ."""
    return _adjusted_quotient(e, info, names, "slt", "sub")


def ceil_divide(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    return _adjusted_quotient(e, info, names, "sge", "add")


def _adjusted_quotient(
    e: Emitter, info: TypeInfo, names: Sequence[str], sign: str, step: str
) -> str:
    a, b = names
    t, i1 = info.llvm, info.spell("i1")
    zero = "zeroinitializer" if info.is_vector else "0"
    quotient = e.define(f"sdiv {t} {a}, {b}")
    back = e.define(f"mul {t} {quotient}, {b}")
    inexact = e.define(f"icmp ne {t} {back}, {a}")
    signs = e.define(f"xor {t} {a}, {b}")
    side = e.define(f"icmp {sign} {t} {signs}, {zero}")
    both = e.define(f"and {i1} {inexact}, {side}")
    one = e.define(f"zext {i1} {both} to {t}")
    return e.define(f"{step} {t} {quotient}, {one}")


def ceil_divide_unsigned(e: Emitter, op: Operation, info: TypeInfo, names: Sequence[str]) -> str:
    a, b = names
    t, i1 = info.llvm, info.spell("i1")
    zero = "zeroinitializer" if info.is_vector else "0"
    quotient = e.define(f"udiv {t} {a}, {b}")
    rest = e.define(f"urem {t} {a}, {b}")
    inexact = e.define(f"icmp ne {t} {rest}, {zero}")
    one = e.define(f"zext {i1} {inexact} to {t}")
    return e.define(f"add {t} {quotient}, {one}")


_ROWS: dict[str, RowFunction] = {
    **{f"arith.{n}": _integer_binary(c) for n, c in {
        "addi": "add", "subi": "sub", "muli": "mul", "divsi": "sdiv", "divui": "udiv", "remsi": "srem",
        "remui": "urem", "andi": "and", "ori": "or", "xori": "xor", "shli": "shl", "shrsi": "ashr", "shrui": "lshr",
    }.items()},
    **{f"arith.{n}": _float_binary(c) for n, c in {
        "addf": "fadd", "subf": "fsub", "mulf": "fmul", "divf": "fdiv", "remf": "frem",
    }.items()},
    **{f"arith.{n}": _float_intrinsic(c) for n, c in {
        "maximumf": "maximum", "minimumf": "minimum", "maxnumf": "maxnum", "minnumf": "minnum",
    }.items()},
    **{f"arith.{n}": _integer_intrinsic(c) for n, c in {
        "maxsi": "smax", "maxui": "umax", "minsi": "smin", "minui": "umin",
    }.items()},
    "arith.negf": negate,
    "arith.cmpi": compare_integers,
    "arith.cmpf": compare_floats,
    "arith.extsi": _cast("sext"),
    "arith.extui": _cast("zext"),
    "arith.trunci": _cast("trunc"),
    "arith.index_cast": partial(index_cast, "sext"),
    "arith.index_castui": partial(index_cast, "zext"),
    "arith.extf": extend_float,
    "arith.truncf": truncate_float,
    "arith.sitofp": partial(integer_to_float, "sitofp"),
    "arith.uitofp": partial(integer_to_float, "uitofp"),
    "arith.fptosi": partial(float_to_integer, "fptosi"),
    "arith.fptoui": partial(float_to_integer, "fptoui"),
    "arith.bitcast": bitcast,
    "arith.floordivsi": floor_divide,
    "arith.ceildivsi": ceil_divide,
    "arith.ceildivui": ceil_divide_unsigned,
    **{f"math.{n}": _float_intrinsic(c) for n, c in {
        "absf": "fabs", "sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "trunc": "trunc", "round": "round",
        "roundeven": "roundeven", "copysign": "copysign", "fma": "fma",
    }.items()},
    "math.rsqrt": reciprocal_square_root,
    "math.absi": _integer_intrinsic("abs", ", i1 false"),
    "math.ctlz": _integer_intrinsic("ctlz", ", i1 false"),
    "math.cttz": _integer_intrinsic("cttz", ", i1 false"),
    "math.ctpop": _integer_intrinsic("ctpop"),
    "vector.fma": _float_intrinsic("fma"),
}  # fmt: skip

HANDLERS: dict[str, Handler] = {
    **{name: elementwise(row) for name, row in _ROWS.items()},
    "arith.constant": constant,
    "arith.select": select,
    "arith.mulsi_extended": partial(extended_multiply, "sext"),
    "arith.mului_extended": partial(extended_multiply, "zext"),
    "arith.addui_extended": extended_add,
}
