"""Write what is made from the code: docs/passes/*.md, tour.md, map.md, errors.md, limitations.md, python.md, parts of others.

python docs/generate.py            # or: make docs
python docs/generate.py --check    # exit 1 and name the pages that are not current; the tests do this
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "docs"))
DOCS = ROOT / "docs"


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    import python_pages
    from tfc.passes.registry import PASSES

    made = {DOCS / "passes" / f"{name}.md": pass_page(name) for name in PASSES}
    made[DOCS / "passes" / "README.md"] = pass_index()
    made[DOCS / "tour.md"] = tour()
    made[DOCS / "map.md"] = file_map()
    made[DOCS / "errors.md"] = errors_page()
    made[DOCS / "limitations.md"] = python_pages.limitations()
    made[DOCS / "python.md"] = python_pages.python_page()
    for page, parts in PARTS.items():
        made[DOCS / page] = with_parts((DOCS / page).read_text("utf-8"), parts)
    return made


def with_parts(text: str, parts: dict[str, Callable[[], str]]) -> str:
    """A page with its made parts renewed: what is between `<!-- name -->` and `<!-- end -->`."""
    for name, part in parts.items():
        lines = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        found = lines.search(text)
        assert found is not None, f"no <!-- {name} --> on the page"
        text = f"{text[: found.start()]}{found[1]}\n{part()}\n\n{found[2]}{text[found.end() :]}"
    return text


STAGES = {
    "tensor": "tfc, scf on tensors: what the program means",
    "linalg": "linalg, tensor, arith, math, scf: structured loops, still values; only upstream ops from here on",
    "loops": "scf, memref, vector, arith, math: buffers, loops over their elements",
    "cf": "cf, memref, vector, arith: branches between blocks",
}


def stages() -> str:
    """The way of a program through the stages, with the passes between them."""
    from tfc.passes.pipelines import STAGES as PASSES_OF

    assert list(STAGES) == list(PASSES_OF)
    above = ["symbolic interpreter (frontend/tracing)", "plain record (frontend/graph)"]
    lines = ["Python function", *(f"  |  {line}" for line in above)]
    for stage, text in STAGES.items():
        passes = PASSES_OF[stage].replace(",", ", ")
        lines += [f"  |  {line}" for line in textwrap.wrap(passes, 104, break_on_hyphens=False)]
        lines += ["  v", f"{stage:<8} {text}"]
    lines += ["  |  backend/translate", "  v", f"{'llvm':<8} LLVM IR, then native code (backend)"]
    return textwrap.indent("\n".join(lines), "    ")


INSTRUCTIONS = {
    "x86-64-v2": "SSE4",
    "x86-64-v3": "AVX2",
    "x86-64-v4": "AVX-512",
    "aarch64": "NEON",
    "wasm32": "SIMD128",
}


def targets() -> str:
    """The targets with their vectors and the tile that a product keeps in registers."""
    from tfc.backend.target import TARGETS
    from tfc.passes.convert_contractions_to_vector.kernel import register_tile

    lines = [
        "| target | vectors | fused multiply-add | register tile of float32 products |",
        "|---|---|---|---|",
    ]
    for name, target in TARGETS.items():
        tile = register_tile(32, target.vector_bits, target.vector_registers)
        lines.append(
            f"| `{name}` | {target.vector_bits} bit ({INSTRUCTIONS[name]}) | {'yes' if target.fma else 'no'} "
            f"| {tile.rows} x {tile.vectors} x {tile.lanes} |"
        )
    return "\n".join(lines)


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "architecture.md": {"stages": stages},
    "targets.md": {"targets": targets},
}
"""Pages that are written by hand but for some parts: the part's name on the page, and what makes it."""


SOURCES = ("frontend", "dialects", "passes", "backend", "tools", "examples", "benchmarks", ".ci")


def file_map() -> str:
    """A line per file: what its docstring says first."""
    lines = [
        "# Map",
        "",
        "Made by `docs/generate.py`: each file with the first sentence of its docstring. `frontend/` is the package `tfc`,",
        "the other folders are its sub-packages. [architecture.md](architecture.md) has the contracts between them.",
        "",
    ]
    for top in SOURCES:
        folders: dict[Path, list[Path]] = {}
        for path in sorted((ROOT / top).rglob("*.py")):
            folders.setdefault(path.parent, []).append(path)
        for folder, paths in sorted(folders.items()):
            lines += [f"## {folder.relative_to(ROOT)}/", "", "| file | |", "|---|---|"]
            lines += [f"| `{path.name}` | {_summary(path)} |" for path in paths]
            lines.append("")
    return "\n".join(lines)


def _summary(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    return paragraph.replace("|", "\\|")


def errors_page() -> str:
    """The explanations of codes that `python -m tfc.errors` prints, with a link target for each."""
    text = (ROOT / "frontend" / "errors" / "codes.md").read_text("utf-8")
    return re.sub(r"^(### (TFC\d{3}): )", r'<a id="\2"></a>\n\1', text, flags=re.MULTILINE)


def pass_page(name: str) -> str:
    """The page of one pass: its docstring and its options."""
    from tfc.passes.registry import get_pass

    cls = get_pass(name)
    text = inspect.cleandoc(cls.__doc__ or "")
    # Markdown sees code that has empty lines around it.
    text = re.sub(r"^(\S.*)\n(?= {4}\S)|^( {4}.*)\n(?=\S)", r"\1\2\n\n", text, flags=re.MULTILINE)
    lines = [f"# {name}", "", text, ""]
    fields = [f for f in dataclasses.fields(cls) if f.name != "name"]
    if fields:
        lines += ["| option | type | default |", "|---|---|---|"]
        for field in fields:
            option = field.name.replace("_", "-")
            lines.append(f"| `{option}` | `{field.type}` | `{field.default!r}` |")
        lines.append("")
    tests = next(
        p for p in (f"test/passes/{name}.mlir", f"test/passes/{name}") if (ROOT / p).exists()
    )
    lines += [f"Tests: [{tests}](../../{tests})", ""]
    return "\n".join(lines)


def pass_index() -> str:
    """The list of passes, and the pipelines between the stages."""
    from tfc.passes.pipelines import STAGES
    from tfc.passes.registry import PASSES

    lines = [
        "# Passes",
        "",
        "Made by `docs/generate.py` from the docstrings. Run one with `tfc-opt -p <name>`, or the passes that make a",
        "stage out of the one before it with `tfc-opt -p to-<stage>`.",
        "",
        "| pass | |",
        "|---|---|",
    ]
    lines += [f"| [{name}]({name}.md) | {summary} |" for name, summary in sorted(PASSES.items())]
    lines += ["", "| stage | passes that make it out of the stage before |", "|---|---|"]
    lines += [f"| {stage} | {_linked(passes)} |" for stage, passes in STAGES.items()]
    return "\n".join([*lines, ""])


def _linked(passes: str) -> str:
    from xdsl.utils.arg_spec import parse_pipeline

    if not passes:
        return ""
    return ", ".join(f"[{spec.name}]({spec.name}.md)" for spec in parse_pipeline(passes))


TOUR = """\
# One function through every stage

One function, a dense layer with gelu, through every stage of the compiler. The compiler prints
these texts: `docs/generate.py` makes this page, and a test checks that it is current.

```python
{source}```

`layer.text(x, stage="...")` prints a stage. `tfc-opt`, `tfc-run` and `tfc-translate` read the texts
of tensor, linalg, loops and cf. LLVM IR and assembly are for LLVM's own tools.
The sizes are small so that the texts fit the page.

## tensor: what the program means

The function was called once. The interpreter walked through its source with a symbolic `x`, and each op that it met was
recorded with its types. The variables are references, read in program order; `gelu` is a composition of primitive ops.

```mlir
{tensor}
```

## linalg: structured loops on values

[promote-variables](passes/promote-variables.md) turns the references into values, and
[convert-tfc-to-linalg](passes/convert-tfc-to-linalg.md) each op into upstream MLIR: index maps say which element of each
operand meets which element of the result. From here on `mlir-opt` accepts the text.

```mlir
{linalg}
```

## loops: memory

[fuse-elementwise](passes/fuse-elementwise.md) has merged the elementwise ops into one loop,
[one-shot-bufferize](passes/one-shot-bufferize.md) has given every tensor its memory (that of the result is an argument, which
the caller provides), and [convert-linalg-to-loops](passes/convert-linalg-to-loops.md) has written the loops. Loops whose
iterations may run in any order are `scf.parallel`.

```mlir
{loops}
```

## cf: branches

[expand-math](passes/expand-math.md) replaces `tanh` by arithmetic that vectorises, and
[convert-scf-to-cf](passes/convert-scf-to-cf.md) replaces loops by branches. The text begins:

```mlir
{cf}
  ...
```

## llvm: LLVM IR

The translation is line by line. LLVM then vectorises, allocates registers and emits an object, which is kept in the disk
cache; `stage="asm"` shows its code for this machine. The text begins:

```llvm
{llvm}
  ...
```
"""


def tour() -> str:
    """The page that follows one function through every stage."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "layer.py"
        file.write_text(LAYER, "utf-8")
        names: dict[str, object] = {}
        exec(compile(LAYER, str(file), "exec"), names)
        layer, x = names["layer"], names["x"]
        texts = {
            s: layer.text(x, stage=s).strip() for s in ("tensor", "linalg", "loops", "cf", "llvm")
        }
    for stage in ("cf", "llvm"):
        texts[stage] = "\n".join(texts[stage].split("\n")[:30])
    return TOUR.format(source=LAYER, **texts)


LAYER = """\
import tfc as tf

weights = tf.Variable(tf.zeros([4, 3]), name="weights")
bias = tf.Variable(tf.zeros([3]), name="bias")


@tf.function
def layer(x):
    return tf.nn.gelu(x @ weights + bias, approximate=True)


x = tf.ones([2, 4])
"""


def stale_pages() -> list[Path]:
    """Pages that are missing, differ from what the code says, or belong to nothing any more."""
    made = pages()
    wrong = [p for p, text in made.items() if not p.exists() or p.read_text("utf-8") != text]
    return wrong + [p for p in (DOCS / "passes").glob("*.md") if p not in made]


def main() -> int:
    if "--check" in sys.argv:
        stale = stale_pages()
        for path in stale:
            print(f"not current: {path.relative_to(ROOT)}; run `make docs`")
        return int(bool(stale))
    made = pages()
    for path in stale_pages():
        if path in made:
            path.write_text(made[path], "utf-8")
        else:
            path.unlink()
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
