"""Eager ops against their oracles: every dtype, every sample, special values, wrong inputs."""

import traceback
from typing import Any

import numpy as np
import pytest
import tfc as tf
from tfc.core.errors import TFCError
from tfc.dialects.tfc.dialect import all_ops
from tfc.dialects.tfc.semantics.spec import Effect
from tfc.gradients.registry import NotDifferentiable, rule_of

from op_table.row import Row
from op_table.table import main_dtypes, row_names, rows, samples_by_dtype
from op_table.values import assert_close, is_float, operand_dtype, operands


def oracle(row: Row, arrays: list[np.ndarray], attributes: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        return row.oracle(*arrays, **attributes)


def eager(row: Row, arrays: list[np.ndarray], attributes: dict[str, Any]) -> Any:
    return row.function(*[tf.constant(a, a.dtype) for a in arrays], **attributes)


@pytest.mark.parametrize("row", rows(), ids=row_names())
def test_against_oracle(row: Row):
    for name, index, sample in samples_by_dtype(row):
        arrays = operands(row, sample, name)
        got = eager(row, arrays, sample.attributes)
        expected = oracle(row, arrays, sample.attributes)
        assert_close(got, expected, row.oracle_ulp, f"sample {index}, {name}")


@pytest.mark.parametrize("row", [r for r in rows() if r.special], ids=lambda r: r.spec.name)
def test_special_values(row: Row):
    for name in row.dtypes:
        if not any(
            is_float(operand_dtype(row, i, name)) for i in range(len(row.samples[0].shapes))
        ):
            continue
        for seed in range(1, 9):
            sample = row.samples[seed % min(3, len(row.samples))]
            arrays = operands(row, sample, name, special=seed)
            got = eager(row, arrays, sample.attributes)
            expected = oracle(row, arrays, sample.attributes)
            assert_close(got, expected, row.oracle_ulp, f"{name}, {arrays}")


@pytest.mark.parametrize("row", [r for r in rows() if r.wrong], ids=lambda r: r.spec.name)
def test_wrong_inputs(row: Row):
    for wrong in row.wrong:
        with pytest.raises(TFCError) as caught:
            row.function(*wrong.arguments, **wrong.attributes)
        error = caught.value
        assert error.code == wrong.code, f"{wrong}: {error}"
        assert wrong.text in str(error), f"{wrong}: {error}"
        assert error.__context__ is None or error.__suppress_context__, wrong
        assert len(traceback.format_exception_only(error)) <= 12


@pytest.mark.parametrize("row", rows(), ids=row_names())
def test_arguments_are_not_changed(row: Row):
    sample = row.samples[0]
    arrays = operands(row, sample, main_dtypes(row)[0])
    before = [array.copy() for array in arrays]
    eager(row, arrays, sample.attributes)
    assert_close(arrays, before, 0, "arguments")


def test_every_op_has_a_row():
    tested = {row.spec for row in rows()}
    missing = [
        op.name
        for op in all_ops()
        if op.spec not in tested and op.spec.effect not in (Effect.READ, Effect.WRITE)
    ]
    assert not missing, f"ops without a row in test/op_table: {missing}"


def test_rows_say_whether_there_is_a_gradient():
    for row in rows():
        rule = rule_of(row.spec)
        if row.gradient:
            assert not isinstance(rule, NotDifferentiable), row.spec.name
