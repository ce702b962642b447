"""Check the types of the whole package with pyright, in the layout that the wheel has."""

import os
import subprocess
import sys

from link_tree import ROOT, lay_files


def main() -> int:
    lay_files(ROOT / "build" / "check" / "tfc")
    # What each file is called in the work tree, for editors that follow `path:line`.
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    text = done.stdout + done.stderr
    base = str(ROOT / "build" / "check" / "tfc") + "/"
    for line in text.splitlines():
        where = line.strip()
        if where.startswith(base):
            rest = where.removeprefix(base)
            inside = rest.startswith(("backend/", "dialects/", "passes/", "tools/"))
            line = rest if inside else "frontend/" + rest  # noqa: PLW2901
        print(line)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
