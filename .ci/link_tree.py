"""Lay a throw-away tree of links that mirrors how the wheel is laid out.

`build/types/tfc` links folders: a work tree can be used from it without an install
(`PYTHONPATH=build/types python ...`), and new files show up by themselves. `build/check/tfc` links
file by file, because pyright follows no links to folders; `.ci/check_types.py` lays it anew each time.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUBPACKAGES = ("backend", "dialects", "passes", "tools")


def lay_folders(target: Path) -> None:
    """Link each top-level entry of the package into `target`; what is right already stays, for those who use it."""
    entries = [entry for entry in (ROOT / "frontend").iterdir() if entry.name != "__pycache__"]
    entries += [ROOT / name for name in SUBPACKAGES]
    wanted = {target / entry.name: entry for entry in entries}
    target.mkdir(parents=True, exist_ok=True)
    for link in target.iterdir():
        if link not in wanted and link.is_symlink():
            link.unlink()
    for link, entry in wanted.items():
        if not link.is_symlink() or link.readlink() != entry:
            link.unlink(missing_ok=True)
            link.symlink_to(entry)


def lay_files(target: Path) -> None:
    """Link each source file of the package into `target`."""
    shutil.rmtree(target, ignore_errors=True)
    roots = [(ROOT / "frontend", target)]
    roots += [(ROOT / name, target / name) for name in SUBPACKAGES]
    for source, base in roots:
        for file in source.rglob("*.py*"):
            if file.suffix in (".py", ".pyi") or file.name == "py.typed":
                link = base / file.relative_to(source)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(file)
    (target / "py.typed").touch()


def main() -> None:
    lay_folders(ROOT / "build" / "types" / "tfc")
    lay_files(ROOT / "build" / "check" / "tfc")


if __name__ == "__main__":
    main()
