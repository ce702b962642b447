"""tfc as one zip file: modules that are loaded when they are first used are found in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import tfc

PROGRAM = """
import tfc as tf

@tf.function
def f(x):
    total = 0.0
    for row in x:
        if row > 1.0:
            total = total + row
    return total

with tf.GradientTape() as tape:
    x = tf.constant([1.0, 2.0, 3.0])
    tape.watch(x)
    y = f(x)
assert ".zip" in tf.__file__
print(float(y), tape.gradient(y, x).numpy())
"""


def test_a_zip_file(tmp_path: Path):
    package = Path(tfc.__file__).parent
    archive, script = tmp_path / "tfc.zip", tmp_path / "program.py"
    with zipfile.ZipFile(archive, "w") as made:
        for folder, _, files in os.walk(package, followlinks=True):
            for name in files:
                if name.endswith(".py"):
                    path = Path(folder) / name
                    made.write(path, Path("tfc") / path.relative_to(package))
    script.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": str(archive)}
    command = [sys.executable, str(script)]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("5.0 [0. 1. 1.]\n", "")
