#!/bin/bash
# Calls of the system fail in a daemon, once, each in its turn. The daemon goes on, or ends with a documented exit code and
# a message; then a run comes to exactly what it comes to without, and the folder of its state serves the next daemon.
# CI plays the first few of each call; `FAULTS_ALL=1 tests/faults/daemon.sh` (with BUILD set) plays every one.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

SHIM=$BUILD/tests/faults/.libs/libfaults.so
if ldd "$GOSSIPD" | grep 'lib[at]san' >/dev/null; then # -q would end before ldd does, which pipefail counts
    echo "sanitizers do not let calls be put in front of theirs"
    exit 77
fi
[ -f "$SHIM" ] || fail "$SHIM is missing"
EPERM=1 EIO=5 ENOMEM=12 EACCES=13 EMFILE=24 ENOSPC=28 EROFS=30 EPIPE=32 EADDRINUSE=98 ECONNRESET=104
FEW=2

make_peers 2 complete
make_csv all.csv 40 4 1
sed -n 1,20p all.csv >n001/train.csv
sed -n 21,40p all.csv >n002/train.csv
run=(objective=logistic rounds=6 gossip_steps=2 eta=0.5 gamma=0.3 compressor=none timeout=5)
expect 0 "$GOSSIP_SIM" run "${run[@]}" --peers peers.conf --data train=all.csv --dump sim.npy
start_node n002
wait_for 10 ctl n002 health

# values FILE...: the numbers of npy files, without their headers.
values() {
    local file
    for file in "$@"; do
        tail -c +$((11 + $(od -An -tu2 -j8 -N2 "$file"))) "$file"
    done
}

running() { kill -0 "${PID_OF[n001]}" 2>/dev/null; }
healthy_or_gone() { ctl n001 health || ! running; }
run_of() { ctl "$1" status --json | grep -oE '"run": *[0-9]+'; }
# n001 has ended the run that n002 is in, or has itself ended.
ended() {
    running || return 0
    [ "$(run_of n001)" = "$(run_of n002)" ] && ctl n001 status --json | grep -qE '"phase": *"(done|failed|stopped)"'
}

# A link that the fault has cut may still have to bring n002 the last step.
done_there() { ctl n002 status --json | grep -qE '"phase": *"done"'; }

# start_faulty CALL AT ERRNO
start_faulty() {
    rm -f struck
    LD_PRELOAD=$SHIM FAULT_CALL=$1 FAULT_AT=$2 FAULT_ERRNO=$3 FAULT_MARK=$DIR/struck \
        "$GOSSIPD" -c n001/gossipd.conf 2>n001.log &
    PID_OF[n001]=$!
    PIDS+=($!)
}

# If it has ended, it has said why; then a daemon without faults takes its place.
replace_if_gone() {
    local code=0
    running && return
    wait "${PID_OF[n001]}" || code=$?
    case $code in
    1 | 78) [ -s n001.log ] || fail "$what: exit code $code without a word" ;;
    *) fail "$what: exit code $code: $(cat n001.log)" ;;
    esac
    gone=$((gone + 1))
    start_node n001
    wait_for 10 ctl n001 health
}

# A run from n002 that ends well; the first may fail for the fault's sake, the next may not.
run_once() {
    local code=0
    ctl n002 start "${run[@]}" >out 2>err || code=$?
    if [ "$code" -ne 0 ]; then
        [ -s err ] || fail "$what: start failed without a word"
        return 1
    fi
    wait_for 20 ended
    replace_if_gone
    wait_for 20 ended
    ctl n001 status --json | grep -qE '"phase": *"done"' && wait_for 20 done_there
}

# One fault: whether there was one. Faults at the end of the daemon count, too.
play() {
    local code=0
    what="$1 number $2 fails"
    start_faulty "$@"
    wait_for 10 healthy_or_gone
    replace_if_gone
    run_once || run_once || fail "$what: no run ends well: $(cat out err n001.log)"
    # The fault may hit the connection that asks.
    ctl n001 dump x --out x1.npy >out 2>err || { running && expect 0 ctl n001 dump x --out x1.npy; } || fail "$what: $(cat err)"
    expect 0 ctl n002 dump x --out x2.npy
    cmp <(values x1.npy x2.npy) <(values sim.npy) || fail "$what: not what gossip-sim comes to"
    kill -TERM "${PID_OF[n001]}"
    wait "${PID_OF[n001]}" || code=$?
    [ "$code" -le 1 ] || fail "$what: ended with $code: $(cat n001.log)"
    [ -e struck ]
}

total=0 gone=0
for fault in "open $EMFILE" "open $EACCES" "fstat $EIO" "read-file $EIO" "write-file $ENOSPC" "fsync $EIO" \
    "ftruncate $EIO" "rename $EROFS" "mkdir $EROFS" "unlink $EACCES" "chmod $EPERM" "flock $EIO" "mmap $ENOMEM" \
    "socket $EMFILE" "bind $EADDRINUSE" "listen $EADDRINUSE" "accept $EMFILE" "connect $ENOMEM" "setsockopt $ENOMEM" \
    "read-socket $ECONNRESET" "write-socket $EPIPE"; do
    read -r call number <<<"$fault"
    at=1
    while play "$call" "$at" "$number"; do
        at=$((at + 1))
        [ -n "${FAULTS_ALL:-}" ] || [ "$at" -le "$FEW" ] || break
    done
    echo "$call: $((at - 1)) failed, each once"
    total=$((total + at - 1))
done
stop_node n002
echo "$total faults; $gone of them ended the daemon"
[ "$total" -gt 20 ] || fail "hardly a fault was made"
