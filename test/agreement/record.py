"""Write what the installed TensorFlow gives for each case.

PYTHONPATH=test benchmarks/.envs/tf/bin/python -m agreement.record
"""

from __future__ import annotations

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # pyright: ignore[reportMissingImports]

from agreement import FOLDER, cases, evaluated, names

if __name__ == "__main__":
    scope = names(tf)
    lines = [f"{json.dumps(case)}: {json.dumps(evaluated(tf, case, scope))}" for case in cases()]
    (FOLDER / "recorded.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
