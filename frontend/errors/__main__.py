"""`python -m tfc.errors TFC012` explains a code of an error; without a code, all are listed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib import resources


def explanations() -> dict[str, str]:
    """The section of each code, its title first."""
    text = resources.files("tfc.errors").joinpath("codes.md").read_text("utf-8")
    sections = re.split(r"^##+ ", text, flags=re.MULTILINE)
    return {part[:6]: part.strip() for part in sections if re.match(r"TFC\d{3}: ", part)}


def main(codes: Sequence[str]) -> int:
    """Print the sections of `codes`, or the titles of all; 1 where there is no such code."""
    known = explanations()
    unknown = [code for code in codes if code.upper() not in known]
    if unknown:
        print(f"no such code: {', '.join(unknown)}; without a code all are listed", file=sys.stderr)
        return 1
    chosen = [known[code.upper()] for code in codes]
    print("\n\n".join(chosen) or "\n".join(text.split("\n")[0] for text in known.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
