"""`breakpoint()` in a compiled function: it stops while the function is traced, and says so."""

from __future__ import annotations

import sys
from typing import Any

from tfc.graph.locations import show_location
from tfc.tracing.calling.intrinsics import defines
from tfc.tracing.frame import Frame


@defines(breakpoint)
def pause(frame: Frame, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """Stop in a frame that has the user's file, line and variables, so that a debugger shows those."""
    location = frame.location
    print(
        f"breakpoint() while {frame.unit.name!r} is traced: tensors have types and no values here.\n"
        f"{show_location(location)}\n"
        "  f.debug(...) runs with values; tf.config.run_functions_eagerly(True) runs plain Python"
    )
    namespace = {**frame.globals, **frame.vars, "__pause__": sys.breakpointhook}
    text = "\n" * (location.line - 1) + "__pause__(*__arguments__, **__keywords__)"
    namespace["__arguments__"], namespace["__keywords__"] = arguments, keywords
    exec(compile(text, location.file, "exec"), namespace)
