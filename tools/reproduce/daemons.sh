#!/bin/bash
# daemons: one setting of an experiment with real daemons over loopback, against gossip-sim; sourced after common.sh.

daemon_pids=()
end_daemons() {
    local pid
    for pid in ${daemon_pids[@]+"${daemon_pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
    for pid in ${daemon_pids[@]+"${daemon_pids[@]}"}; do wait "$pid" 2>/dev/null || true; done
    daemon_pids=()
}
trap end_daemons EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A range of ports that nobody listens on, below those that the system hands out.
free_ports() {
    local base port used
    used=$(awk 'FNR > 1 { print substr($2, length($2) - 3) }' /proc/net/tcp /proc/net/tcp6 2>/dev/null || true)
    while :; do
        base=$((10000 + RANDOM % 20000))
        for ((port = base; port < base + $1; port++)); do
            if grep -qx "$(printf %04X "$port")" <<<"$used"; then continue 2; fi
        done
        echo "$base"
        return
    done
}

# start_daemons NODES TOPOLOGY WORD...: gossipctl init with these words in the folder network, made anew, which becomes the working
# folder (a socket's path must be short); starts all nodes and waits until they are connected.
start_daemons() {
    local nodes=$1 topology=$2 name deadline=$((SECONDS + 300))
    shift 2
    rm -rf "$OUT/network"
    "$BUILD/gossipctl" init --nodes "$nodes" --topology "$topology" --dir "$OUT/network" --base-port "$(free_ports "$nodes")" "$@" >/dev/null ||
        die "gossipctl init failed"
    cd "$OUT/network" || exit
    names=()
    for name in */gossipd.conf; do names+=("${name%/*}"); done
    for name in "${names[@]}"; do
        nice "$BUILD/gossipd" -c "$name/gossipd.conf" </dev/null >"$name/log" 2>&1 &
        daemon_pids+=($!)
    done
    for name in "${names[@]}"; do
        until ctl "$name" status --json 2>/dev/null | jq -e 'all(.peers[]; .state == "up")' >/dev/null 2>&1; do
            [[ $SECONDS -lt $deadline ]] || die "$name is not connected; the logs are $OUT/network/*/log"
            sleep 0.2
        done
    done
}
ctl() { "$BUILD/gossipctl" -s "$1/state/control.sock" "${@:2}"; }

# The numbers of an npy file, without its header.
values() { tail -c +$((11 + $(od -An -tu2 -j8 -N2 "$1"))) "$1"; }

# losses NODE FILE: round, loss and node of a history, or of gossip-sim's history of all nodes.
losses() {
    awk -F, -v node="$1" 'FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["node"] == node { print $1, $2, node }' "$2"
}

# wait_until_recorded NODE ROUND: a daemon may write a line of its history a moment after the run has ended.
wait_until_recorded() {
    local deadline=$((SECONDS + 60))
    until [[ $(tail -n 1 "$1/state/history.csv" 2>/dev/null) == "$2,"* ]]; do
        [[ $SECONDS -lt $deadline ]] || die "the history of $1 does not reach round $2: $OUT/network/$1/state/history.csv"
        sleep 0.1
    done
}

# compare_with_simulator NAME SETTING... -- WORD...: the same settings with the daemons that start_daemons started and with gossip-sim,
# told its nodes and data by the words. Every number of every node's x must have the same bits, and so must every node's loss in every
# round. Leaves runs/NAME-status.json.
compare_with_simulator() {
    local name=$1 node settings=()
    shift
    while [[ $1 != -- ]]; do
        settings+=("$1")
        shift
    done
    shift
    printf '%s: gossipctl start %s\n' "$name" "${settings[*]}" >&2
    ctl "${names[0]}" start "${settings[@]}" --wait >&2 || die "the daemons' run failed; the logs are $OUT/network/*/log"
    ctl "${names[0]}" status --all --json >"$OUT/runs/$name-status.json"
    for node in "${names[@]}"; do
        ctl "$node" dump x --out "$node/x.npy" >/dev/null || die "gossipctl dump failed"
        values "$node/x.npy"
        rm "$node/x.npy"
    done >x.daemons
    must_simulate "$name" "${settings[@]}" "$@" --dump "$OUT/runs/$name.npy" --node-history "$OUT/runs/$name-nodes.csv"
    values "$OUT/runs/$name.npy" >x.simulator
    criterion "$(cmp -s x.daemons x.simulator && echo 0 || echo 1)" \
        "${#names[@]} daemons over loopback: $(($(stat -c %s x.daemons) / 8)) numbers x, after $(jq '.nodes[0].round' "$OUT/runs/$name-status.json") rounds the same bits as gossip-sim's"
    for node in "${names[@]}"; do
        wait_until_recorded "$node" "$(jq '.nodes[0].round' "$OUT/runs/$name-status.json")"
        losses "$node" "$node/state/history.csv"
    done >losses.daemons
    for node in "${names[@]}"; do losses "$node" "$OUT/runs/$name-nodes.csv"; done >losses.simulator
    criterion "$(cmp -s losses.daemons losses.simulator && echo 0 || echo 1)" \
        "${#names[@]} daemons over loopback: their loss curves ($(wc -l <losses.daemons) values) are gossip-sim's to the last digit, of 17"
}

# socket_bytes: what each daemon put on the socket to one neighbour in the run that has ended, everything included; the mean.
socket_bytes() {
    local node
    for node in "${names[@]}"; do ctl "$node" status --json || exit; done | jq -s '(map(.bytes_sent) | add) / (map(.peers | length) | add)'
}

stop_daemons() {
    end_daemons
    cd "$OUT" || exit
    rm -rf network
}
