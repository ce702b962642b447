"""Write the signatures of the installed TensorFlow.

PYTHONPATH=test benchmarks/.envs/tf/bin/python -m signatures.record > test/signatures/tensorflow.txt
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # pyright: ignore[reportMissingImports]

from signatures import public_functions, signature

if __name__ == "__main__":
    for name, function in public_functions(tf):
        parameters = signature(function)
        if parameters is not None:
            print(name + parameters)
