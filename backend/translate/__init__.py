"""From the `cf` stage to the text of LLVM IR."""

from tfc.backend.translate.module import Translation, translate_module

__all__ = ["Translation", "translate_module"]
