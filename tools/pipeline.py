"""Passes from the command line: named pipelines, stages, and running with timing, printing and verification."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tfc.dialects.collection import collection_paused
from tfc.passes.pipelines import STAGES, UnknownStageError, passes_between
from tfc.passes.registry import PASSES, UnknownPassError
from tfc.tools.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tfc.tools.source import Source
    from xdsl.context import Context
    from xdsl.dialects.builtin import ModuleOp
    from xdsl.passes import ModulePass

PREFIX = "to-"


def named_pipelines() -> dict[str, str]:
    """`to-linalg` and the like: the passes that make a stage out of the one before."""
    return {PREFIX + stage: passes for stage, passes in STAGES.items() if passes}


def list_passes() -> str:
    """All passes and named pipelines with a line each."""
    width = max(len(name) for name in (*PASSES, *named_pipelines()))
    lines = ["passes:"]
    lines += [f"  {name:{width}}  {summary}" for name, summary in sorted(PASSES.items())]
    lines += ["", "pipelines (a stage from the one before it):"]
    lines += [f"  {name:{width}}  {passes}" for name, passes in named_pipelines().items()]
    return "\n".join(lines)


def build_passes(text: str) -> tuple[ModulePass, ...]:
    """The passes of a pipeline as given to `-p`, where `to-<stage>` stands for the passes of a stage.

    Raises:
        Diagnostic: TFC304 for unknown passes, options and malformed text.
    """
    from tfc.passes.registry import get_pass
    from xdsl.utils.arg_spec import parse_pipeline
    from xdsl.utils.exceptions import ArgSpecParseError

    names = named_pipelines()
    found: list[ModulePass] = []
    try:
        for spec in parse_pipeline(text):
            if spec.name in names and not spec.parameters:
                found.extend(build_passes(names[spec.name]))
            else:
                found.append(get_pass(spec.name).from_pass_spec(spec))
    except UnknownPassError as error:
        note = "tfc-opt --list-passes shows all"
        raise Diagnostic("TFC304", str(error), "-p", notes=[note]) from None
    except ArgSpecParseError as error:
        lines = str(error).splitlines()
        raise Diagnostic(
            "TFC304", "malformed pipeline: " + lines[-1].strip(), "-p", 1, 1, text
        ) from None
    except Exception as error:
        raise Diagnostic("TFC304", f"malformed pipeline '{text}': {error}", "-p") from None
    return tuple(found)


def passes_to_stage(module: ModuleOp, stage: str) -> str:
    """The pipeline that takes `module`, in whatever stage it is, to `stage`; raises `Diagnostic` (TFC304)."""
    from tfc.passes.pipelines import stage_of

    try:
        return passes_between(stage_of(module), stage)
    except UnknownStageError as error:
        raise Diagnostic("TFC304", str(error), "--stage") from None


@dataclass
class Runner:
    """Runs passes on a module and reports as asked for."""

    context: Context
    verify: bool = True
    print_between: bool = False
    timings: list[tuple[str, float]] | None = None
    printer_options: dict[str, Any] = field(default_factory=dict[str, Any])

    def run(self, module: ModuleOp, passes: Sequence[ModulePass], source: Source) -> None:
        """Run `passes`; raises `Diagnostic`: TFC305 when a pass fails, TFC303 when its result is not valid."""
        from tfc.tools.source import check_module

        with collection_paused():
            for item in passes:
                start = time.perf_counter()
                self._apply(item, module, source)
                if self.timings is not None:
                    self.timings.append((item.name, time.perf_counter() - start))
                if self.verify:
                    try:
                        check_module(module, source)
                    except Diagnostic as error:
                        error.notes.append(f"after pass '{item.name}'")
                        raise
                if self.print_between:
                    from tfc.tools.printing import module_text

                    print(f"// -----// IR after {item.name} //----- //", file=sys.stderr)
                    print(module_text(module, **self.printer_options), file=sys.stderr)

    def _apply(self, item: ModulePass, module: ModuleOp, source: Source) -> None:
        from tfc.passes.verification import VerificationError

        try:
            item.apply(self.context, module)
        except VerificationError as error:
            raise source.diagnostic_at("TFC305", f"{item.name}: {error}", error.op) from error
        except Exception as error:
            op = getattr(error, "op", None)
            text = str(error).split("\n")[0] or type(error).__name__
            message = f"pass '{item.name}' failed: {text}"
            if op is not None:
                raise source.diagnostic_at("TFC305", message, op) from error
            raise Diagnostic("TFC305", message, source.file) from error


def format_timings(timings: Sequence[tuple[str, float]]) -> str:
    """A table of times in milliseconds, in order, with the share of each."""
    total = sum(seconds for _, seconds in timings) or 1e-9
    width = max([len(name) for name, _ in timings] + [5])
    lines = [f"{name:{width}}  {1e3 * s:9.3f} ms  {100 * s / total:5.1f} %" for name, s in timings]
    lines.append(f"{'total':{width}}  {1e3 * total:9.3f} ms")
    return "\n".join(lines)
