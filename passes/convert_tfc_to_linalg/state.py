"""Variables have become values before this conversion (`promote-variables`), so there is nothing to convert."""

from __future__ import annotations

from tfc.dialects.tfc.semantics.spec import OpSpec
from tfc.passes.convert_tfc_to_linalg.conversion import Rule

RULES: dict[OpSpec, Rule] = {}
