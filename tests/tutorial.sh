#!/bin/bash
# The tutorials are as they are written: their programs become files, their commands are run in order.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

/usr/bin/python3 -c 'import torch' 2>/dev/null || { echo "skipped: python3-torch is not installed"; exit 77; }
mkdir bin
ln -s /usr/bin/python3 bin/python3
for program in "$GOSSIPD" "$GOSSIPCTL"; do ln -s "$program" bin/; done
export PATH=$DIR/bin:$PATH PYTHONPATH=$TESTS/../tools/python PYTHONDONTWRITEBYTECODE=1

# blocks TUTORIAL: ```python NAME goes to NAME, all ```sh to commands.sh, with ports that nobody uses.
blocks() {
    python3 - "$1" "$(free_port)" <<'END'
import re, sys
commands = ["set -euo pipefail"]
for kind, name, body in re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```", open(sys.argv[1]).read(), re.S | re.M):
    if name:
        open(name, "w").write(body)
    else:
        commands.append(body.replace("--dir net", f"--dir net --base-port {sys.argv[2]}"))
commands.append("jobs -p >pids")
open("commands.sh", "w").write("\n".join(commands))
END
}

blocks "$TESTS/../doc/tutorial-own-model.md"
timeout 300 bash commands.sh >out 2>commands.log </dev/null || fail "the tutorial's commands end with $?: $(cat out commands.log)"
mapfile -t PIDS <pids
awk '$1 == "accuracy" && ++n == 1 && $2 > 0.5 { exit 1 } $1 == "accuracy" { last = $2 } END { exit !(n == 2 && last > 0.9) }' out ||
    fail "alone poor and together good is what it shows: $(cat out)"
says "3 nodes: 3 done" out
