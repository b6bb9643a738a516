#!/bin/sh
# Files that numpy writes are read here as numpy meant them, and the other way round. Skipped without numpy.
set -eu
tool=$PWD/tests/npz-tool
python=
for candidate in /usr/bin/python3 python3; do
    if "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "numpy is missing: nothing to compare with"
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
"$tool" write "$folder"
"$python" - "$tool" "$folder" <<'PYTHON'
import os, subprocess, sys
import numpy as np

tool, folder = sys.argv[1:]
os.chdir(folder)
expected = (np.arange(12) / 8 - 3).reshape(4, 3)

def check(condition, what):
    if not condition:
        sys.exit("numpy: " + what)

for name, dtype, columns in (("narrow.npz", np.float32, 3), ("wide.npz", np.float64, 2)):
    with np.load(name) as archive:
        check(sorted(archive.files) == ["x", "y"], name + " holds other arrays")
        check(archive["x"].dtype == dtype and (archive["x"] == expected[:, :columns]).all(), name + ": x differs")
        check(archive["y"].dtype == np.float64 and (archive["y"] == np.arange(4)).all(), name + ": y differs")
check((np.load("matrix.npy") == expected).all(), "matrix.npy differs")
check(np.load("vector.npy").shape == (12,) and (np.load("vector.npy") == expected.ravel()).all(), "vector.npy differs")

def read_back(what, x, *files):
    lines = subprocess.run([tool, "print", *files], check=True, capture_output=True, text=True).stdout.split("\n")
    kind, rows, columns = lines[0].split()
    table = np.array([[float(word) for word in line.split()] for line in lines[1:-1]])
    rows_of_x = x.reshape(len(x), -1)
    check((int(rows), int(columns)) == rows_of_x.shape, what + ": shape differs")
    check(kind == ("float64" if x.dtype.itemsize > 4 or x.dtype in (np.int32, np.uint32) else "float32"),
          what + " became " + kind)
    check((table[:, :-1] == rows_of_x.astype(np.float64)).all(), what + ": x differs")
    check((table[:, -1] == np.arange(len(x))).all(), what + ": y differs")

draw = np.random.default_rng(1)
for dtype in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"):
    for shape in ((5, 7), (6,), (3, 2, 4), (700, 11)):
        for order in "CF":
            if order == "F" and len(shape) > 2:
                continue
            x = np.array((draw.standard_normal(shape) * 50) if dtype[0] == "f" else draw.integers(0, 2 if dtype == "?"
                         else 100, shape), dtype=dtype, order=order)
            for save in (np.savez, np.savez_compressed):
                save("t.npz", x=x, y=np.arange(len(x)))
                read_back(f"npz of {dtype} {shape} {order}", x, "t.npz")
            np.save("t.npy", x)
            np.save("y.npy", np.arange(len(x), dtype="u1" if len(x) < 256 else "i4"))
            read_back(f"npy of {dtype} {shape} {order}", x, "t.npy", "y.npy")
for version in (1, 2, 3):
    with open("t.npy", "wb") as file:
        np.lib.format.write_array(file, expected, version=(version, 0))
    np.save("y.npy", np.arange(4.0).reshape(4, 1))
    read_back(f"npy version {version}", expected, "t.npy", "y.npy")
PYTHON
