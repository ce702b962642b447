"""Write the pages that are made from the code: docs/passes/*.md, and docs/tour.md.

python docs/generate.py            # or: make docs
python docs/generate.py --check    # exit 1 and name the pages that are not current; the tests do this
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    from tfc.passes.registry import PASSES

    made = {DOCS / "passes" / f"{name}.md": pass_page(name) for name in PASSES}
    made[DOCS / "passes" / "README.md"] = pass_index()
    return made


def pass_page(name: str) -> str:
    """The page of one pass: its docstring and its options."""
    from tfc.passes.registry import get_pass

    cls = get_pass(name)
    text = inspect.cleandoc(cls.__doc__ or "")
    lines = [f"# {name}", "", text, ""]
    fields = [f for f in dataclasses.fields(cls) if f.name != "name"]
    if fields:
        lines += ["| option | type | default |", "|---|---|---|"]
        for field in fields:
            option = field.name.replace("_", "-")
            lines.append(f"| `{option}` | `{field.type}` | `{field.default!r}` |")
        lines.append("")
    lines += [f"Tests: [test/passes/{name}](../../test/passes)", ""]
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
