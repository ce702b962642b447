"""Factorisations: calls to the host, which has LAPACK."""

from __future__ import annotations

from tfc.dialects.tfc.semantics import factorization as semantics
from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes.convert_tfc_to_linalg.conversion import Rule
from tfc.passes.convert_tfc_to_linalg.host import as_host_call

RULES: dict[OpSpec, Rule] = dict.fromkeys(semantics.FAMILY, as_host_call)
