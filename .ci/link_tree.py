"""Lay a throw-away tree of links, build/types/tfc, that mirrors how the wheel is laid out.

pyright cannot follow setuptools' package-dir mapping, and a work tree can be used from it without
an install: `PYTHONPATH=build/types python ...`.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "types" / "tfc"
SUBPACKAGES = ("backend", "dialects", "passes", "tools")


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    for entry in sorted((ROOT / "frontend").iterdir()):
        if entry.name != "__pycache__":
            (TARGET / entry.name).symlink_to(entry)
    for name in SUBPACKAGES:
        (TARGET / name).symlink_to(ROOT / name)


if __name__ == "__main__":
    main()
