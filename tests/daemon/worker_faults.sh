#!/bin/bash
# Workers that are hostile or clumsy, each at a real daemon of its own, all at once: what the daemon makes of it, and what
# its user reads. The daemons are networks of one node.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

PYTHON=/usr/bin/python3
"$PYTHON" -c 'import numpy' 2>/dev/null || { echo "skipped: python3-numpy is not installed"; exit 77; }
export PYTHONPATH="$TESTS/../tools/python" PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1
export CHILDREN="$DIR/children"
touch "$CHILDREN"
model="$PYTHON '$TESTS/daemon/worker_model.py'"
rogue="$PYTHON '$TESTS/daemon/worker_rogue.py'"

make_peers 1 ring
mv n001 one
mv peers.conf one.peers

# host FOLDER LINE...: a network of one node in this folder, with these lines in its [Worker], and its daemon.
host() {
    local folder=$1 port
    shift
    port=$(free_port)
    mkdir -p "$folder"
    cp -r one "$folder/n001"
    sed "s/^Endpoint.*/Endpoint = 127.0.0.1:$port/" one.peers >"$folder/peers.conf"
    sed -i "/^\[Data\]/,\$d; s/^Listen.*/Listen = 127.0.0.1:$port/" "$folder/n001/gossipd.conf"
    { echo '[Worker]'; printf '%s\n' "$@"; } >>"$folder/n001/gossipd.conf"
    start_node "$folder/n001"
}

# run FOLDER: begins a run there before its worker is there, in the background; its end is waited for later.
run() {
    wait_for 10 ctl "$1/n001" health
    ctl "$1/n001" start objective=worker eta=0.1 compressor=none gossip_steps=1 rounds=10 checkpoint_every=2 \
        timeout=9 "${@:2}" >"$1/start" 2>&1 &
}

status() { ctl "$1/n001" status; }
status_says() { status "$1" | tr -s '\n ' ' ' | grep -qF -- "$2"; }
logged() { grep -qF -- "$2" "$1/n001.log"; }

# reads FOLDER TEXT: status comes to say so (a line that was broken counts as one).
reads() { wait_for 20 status_says "$1" "$2"; }

# fails FOLDER TEXT: the run ends with it, and the log has it, too.
fails() {
    reads "$1" "its worker failed: $2"
    says "$2" "$1/n001.log"
}

faults=(short nan no-loss twice old-round old-attempt flood endless garbage hello fork)
for fault in "${faults[@]}"; do host "$fault" "Command = $rogue $fault"; done
host raise "Command = $model what=raise"
host exit0 "Command = $model what=exit0"
host exit1 "Command = $model what=exit1"
host hang "Command = $rogue hang" "Timeout = 1"
host slow "Command = $model what=hang"
host version "Command = $rogue version"
host huge "Command = $rogue huge"
host mute "Command = $rogue mute"
host no-python "Command = /nowhere/python3 train.py"
host no-command "Command = no-such-program --shard 1"
mkdir "a folder"
cp "$TESTS/daemon/worker_model.py" "a folder/my model.py"
host "a folder/with blanks" "Command = $PYTHON '../../my model.py' mode=update"
for folder in "${faults[@]}" raise exit0 exit1 hang slow "a folder/with blanks"; do run "$folder"; done

echo "what is there no worker for"
reads version "no worker: what it sent is refused: it speaks versions 2 to 2, this gossipd 1"
reads huge "no worker: what it sent is refused: a model of 10000000000 parameters, where 1 to 1000000000 may be"
reads mute "no worker: it has not said what it is yet"
reads mute "worker starting for"
reads no-python "no worker: ended with 127: the shell found no such command (its words are in the log)"
reads no-command "no worker: ended with 127: the shell found no such command (its words are in the log)"
says "/nowhere/python3: not found" no-python/n001.log
says "no-such-program: not found" no-command/n001.log
reads no-command "next see that its worker can run"
expect 1 ctl mute/n001 start objective=worker eta=0.1 timeout=1
says "n001 (its worker is not there; see its status)" err

descriptors() { find "/proc/${PID_OF[$1/n001]}/fd" | wc -l; }
high_water() { awk '/VmHWM/ { print $2 }' "/proc/${PID_OF[$1/n001]}/status"; }
before=$(descriptors twice)

echo "answers that are refused, three times at one round"
fails short "what it sent is refused: a vector of 88 bytes, where 12 values of 8 bytes are due"
fails old-round "what it sent is refused: DONE of round 2, attempt 3, where round 3, attempt 3 was asked for"
fails old-attempt "what it sent is refused: DONE of round 3, attempt 4, where round 3, attempt 3 was asked for"
fails hello "what it sent is refused: the message 'hello' out of turn: another was due"
fails garbage "what it sent is refused: no message of proto/worker.proto"
fails endless "what it sent is refused: a message of 4294967295 bytes"
fails flood "what it sent is refused: a flood"
says "refused: a vector of 88 bytes" short/n001.log # the worker was told, too
[ "$(grep -c "warning: worker: what it sent is refused" short/n001.log)" -eq 3 ] || fail "not said once each time"

echo "numbers that are none"
reads no-loss "the run diverged in round 3: the worker gave a loss that is not finite"
reads nan "the run diverged in round 3: x holds a number that is not finite"
says "start again with a tenth of eta" nan/n001.log

echo "an answer too many"
wait_for 10 logged twice "what it sent is refused: the message 'done' out of turn: nothing was asked"
ended() { status "$1" | head -n 1 | grep -q " $2 "; }

echo "exceptions and exits"
fails raise "RuntimeError: this step cannot be made"
[ "$(grep -c "^RuntimeError: this step" raise/n001.log)" -eq 3 ] || fail "its traceback is not in the log each time"
reads exit0 "waiting for its own worker: it ended of its own accord (exit code 0), and is not started again before gossipd is"
reads exit0 "worker away for"
status_says exit1 "waiting for its own worker: ended with exit code 1 (its words are in the log), " || wait_for 20 logged exit1 "worker: ended with exit code 1 (its words are in the log)"

echo "silence"
reads hang "no sign of life for 1 s at round 3 (Timeout in [Worker]): it is ended"
wait_for 20 logged hang "its process is gone: killed by signal 9"

reads slow "point, 12 parameters: computing for"
reads slow "last step"
reads slow "its own worker has been at round 5 for" # from 10 s on
reads slow "metrics length_of_g 3.5"

echo "a child that keeps the socket"
wait_for 20 logged fork "worker: killed by signal 9"

echo "blanks in paths"
wait_for 20 ended "a folder/with blanks" "done"
status_says "a folder/with blanks" "point, 12 parameters: ready for" || fail "status: $(status "a folder/with blanks")"

echo "memory and descriptors"
usual=$(high_water mute)
for fault in flood endless garbage raise; do
    [ "$(high_water "$fault")" -lt $((2 * usual + 20000)) ] || sanitized || fail "$fault took $(high_water "$fault") KB, others $usual"
done
restarts=$(grep -c "worker: rogue" twice/n001.log)
[ "$restarts" -ge 4 ] || fail "restarted $restarts times"
[ "$(descriptors twice)" -le $((before + 2)) ] || fail "$before descriptors became $(descriptors twice)"

while read -r child; do kill -KILL "$child"; done <"$CHILDREN"
kill "${PID_OF[mute/n001]}" # a daemon ends its worker, whatever that does
wait "${PID_OF[mute/n001]}" || fail "ended with $?"
