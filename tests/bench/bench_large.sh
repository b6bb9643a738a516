#!/bin/bash
# Four daemons on a ring with a model as large as ResNet-18 (11,000,000 parameters), whose workers answer at once: seconds and
# processor time a step, memory; then one worker and one daemon are killed, and the parameters must come to the same bits.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

D=${1:-11000000}
make_peers 4 ring
for i in 1 2 3 4; do
    sed -i '/^\[Data\]/,$d' "n00$i/gossipd.conf"
    printf '[Worker]\nCommand = "%s" %s\n' "$BUILD/tests/bench/worker_cheap" "$D" >>"n00$i/gossipd.conf"
done

# processor_seconds: of all daemons, without their workers.
processor_seconds() {
    local pid
    for pid in "${PID_OF[@]}"; do sed 's/.*) //' "/proc/$pid/stat"; done |
        awk -v tick="$(getconf CLK_TCK)" '{ sum += $12 + $13 } END { print sum / tick }'
}

memory() {
    for pid in "${PID_OF[@]}"; do cat "/proc/$pid/status"; done |
        awk -v key="$1:" '$1 == key && $2 > most { most = $2 } END { printf "%.0f", most / 1000 }'
}

round_is() { [ "$(ctl n001 status --json | grep -oE '"round":[0-9]+' | cut -d: -f2)" -ge "$1" ]; }
ended() { [ "$(ctl n001 status --all --json | grep -o '"phase":"done"' | wc -l)" -eq 4 ]; }

# play NAME KILLS SETTING...: a run; its x in NAME1.npy to NAME4.npy.
play() {
    local name=$1 kills=$2 i
    shift 2
    rm -rf n00?/state
    start_network 4
    local cpu begin
    cpu=$(processor_seconds)
    begin=$(date +%s.%N)
    expect 0 ctl n001 start objective=worker "rounds=$ROUNDS" gossip_steps=1 eta=0.1 "$@"
    if [ "$kills" = kills ]; then
        wait_for 600 round_is $((ROUNDS / 3))
        kill -KILL "$(pgrep -P "${PID_OF[n002]}")"
        kill -KILL "${PID_OF[n003]}"
        wait "${PID_OF[n003]}" 2>/dev/null || true
        start_node n003
    fi
    wait_for 1200 ended
    if [ "$kills" != kills ]; then
        awk -v begin="$begin" -v end="$(date +%s.%N)" -v before="$cpu" -v after="$(processor_seconds)" -v rounds="$ROUNDS" \
            -v now="$(memory VmRSS)" -v peak="$(memory VmHWM)" -v what="$*" -v bytes="$(sent)" 'BEGIN {
            printf "%-40s %7.0f ms a step  %6.0f ms CPU a node and step  %9.0f bytes  resident %s MB, at most %s MB\n", what,
                1000 * (end - begin) / rounds, 1000 * (after - before) / rounds / 4, bytes / rounds, now, peak }'
    fi
    for i in 1 2 3 4; do expect 0 ctl "n00$i" dump x --out "$name$i.npy"; done
    for i in 1 2 3 4; do stop_node "n00$i"; done
}

# sent: bytes that n001 has sent.
sent() { ctl n001 status --json | grep -oE '"bytes_sent":[0-9]+' | head -1 | cut -d: -f2; }

ROUNDS=${2:-24}
for settings in "compressor=topk:fraction=0.01" "compressor=qsgd:bits=4"; do
    play calm calm "$settings"
    play killed kills "$settings"
    for i in 1 2 3 4; do cmp "calm$i.npy" "killed$i.npy" || fail "n00$i came to other bits"; done
    echo "    with a worker and a daemon killed: the same bits at all four"
done
