"""Passes from the command line: named pipelines, stages, and running with timing, printing and verification."""

from __future__ import annotations

import re
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
    from xdsl.utils.arg_spec import ArgSpec

PREFIX = "to-"


def named_pipelines() -> dict[str, str]:
    """`to-linalg` and the like: the passes that make a stage out of the one before."""
    return {PREFIX + stage: passes for stage, passes in STAGES.items() if passes}


def list_passes() -> str:
    """All passes and named pipelines with a line each."""
    width = max(len(name) for name in (*PASSES, *named_pipelines()))
    lines = ["passes, and their options:"]
    for name, summary in sorted(PASSES.items()):
        lines.append(f"  {name:{width}}  {summary}")
        lines += [f"  {'':{width}}    {text}" for text in options_of(name)]
    lines += ["", "pipelines (a stage from the one before it):"]
    lines += [f"  {name:{width}}  {passes}" for name, passes in named_pipelines().items()]
    return "\n".join(lines)


def options_of(name: str) -> list[str]:
    """The options of a pass, as in `max-inputs=32`, with their defaults."""
    from dataclasses import fields

    from tfc.passes.registry import get_pass

    return [f"{_dashed(field.name)}={_text(field.default)}" for field in fields(get_pass(name))]


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def pass_flags(arguments: Sequence[str]) -> list[str]:
    """The command line with MLIR's ways of naming passes as `-p`: `--cse`, `--fuse-rows=option=1`, `--pass-pipeline=...`."""
    known = {*PASSES, *named_pipelines()}
    found: list[str] = []
    for word in arguments:
        name, _, options = word.removeprefix("--").partition("=")
        if word.startswith("--") and name in known:
            found += ["-p", f"{name}{{{options}}}" if options else name]
        else:
            found.append(word)
    return found


ANCHOR = re.compile(r"(?:builtin\.module|func\.func|any)\((.*)\)")


def without_anchors(text: str) -> str:
    """`builtin.module(canonicalize,func.func(cse))` as `canonicalize,cse`: passes here run on modules."""
    text = re.sub(r",\s+", ",", text.strip())
    if whole := ANCHOR.fullmatch(text):
        text = whole[1]
    return re.sub(r"(?:builtin\.module|func\.func|any)\(([^()]*)\)", r"\1", text)


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
    text = without_anchors(text)
    try:
        for spec in parse_pipeline(text):
            if spec.name in names and not spec.parameters:
                found.extend(build_passes(names[spec.name]))
            else:
                found.append(_with_options(get_pass(spec.name), spec))
    except UnknownPassError as error:
        note = "tfc-opt --list-passes shows all"
        raise Diagnostic("TFC304", str(error), "-p", notes=[note]) from None
    except ArgSpecParseError as error:
        lines = str(error).splitlines()
        raise Diagnostic(
            "TFC304", "malformed pipeline: " + lines[-1].strip(), "-p", 1, 1, text
        ) from None
    return tuple(found)


def _with_options(kind: type[ModulePass], spec: ArgSpec) -> ModulePass:
    """The pass with the options of `spec`; raises `Diagnostic` for one that it does not have, or of another type."""
    from typing import get_type_hints

    hints, known = get_type_hints(kind), options_of(kind.name)
    names = [option.partition("=")[0] for option in known]
    note = "its options: " + ", ".join(known) if known else "it has no options"
    for key, values in spec.parameters.items():
        name = _dashed(key)
        if name not in names:
            raise Diagnostic("TFC304", f"{kind.name} has no option '{name}'", "-p", notes=[note])
        wanted = hints[key.replace("-", "_")]
        given = ",".join(map(_text, values))
        fits = len(values) == 1 and type(values[0]) is wanted
        if wanted is bool:
            fits = fits or not values
        elif wanted is int:  # options count something
            fits = fits and int(values[0]) >= 0
        if not fits:
            kinds = {int: "a number from 0 on", bool: "true or false", str: "a word"}
            message = f"{kind.name}: {name}={given}, expected {kinds.get(wanted, wanted)}"
            raise Diagnostic("TFC304", message, "-p", notes=[note])
    return kind.from_pass_spec(spec)


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
