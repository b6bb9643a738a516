# A network of daemons on loopback for ./dev demo; sourced. Uses nodes, topology, folder, BUILD; sets pids, names, first.
# shellcheck shell=bash disable=SC2034,SC2154 # these are set or used where this is sourced

# ---- the end, however it comes: every process that was started is ended ----

pids=()
finish() {
    local code=$? pid
    trap - EXIT INT TERM HUP
    trap '' PIPE
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# choose_folder: --dir's; without it build/demo, made anew, or where another demo runs in it build/demo-2, and so on. Only this
# script holds lock.
exec {lock}</dev/null
choose_folder() {
    local number
    if [[ -n $folder ]]; then
        [[ $folder == /* ]] || folder=$CALLED_FROM/$folder
        return
    fi
    for ((number = 1; ; number++)); do
        folder=$BUILD/demo
        [[ $number -eq 1 ]] || folder+=-$number
        exec {lock}>&-
        exec {lock}>"$folder.lock"
        if flock -n "$lock"; then break; fi
    done
    rm -rf "$folder"
}

# A range of ports that nobody listens on, below those that the system hands out.
free_ports() {
    local base port used
    while :; do
        base=$((10000 + RANDOM % 20000))
        used=$(awk 'FNR > 1 { print substr($2, length($2) - 3) }' /proc/net/tcp /proc/net/tcp6 2>/dev/null || true)
        for ((port = base; port < base + nodes; port++)); do
            if grep -qx "$(printf %04X "$port")" <<<"$used"; then continue 2; fi
        done
        echo "$base"
        return
    done
}

ctl() { "$BUILD/gossipctl" -s "$1/state/control.sock" "${@:2}"; }

images=/usr/share/datasets/fashion-mnist
data=train=$images/train-images-idx3-ubyte.gz,labels=$images/train-labels-idx1-ubyte.gz
data+=,test=$images/t10k-images-idx3-ubyte.gz,testlabels=$images/t10k-labels-idx1-ubyte.gz,bias=yes

# make_network: folders, keys, shards sorted by label. A socket's path may have no more than about 100 characters, so all is
# used from inside the folder.
make_network() {
    say "demo: $nodes nodes, $topology, in $folder"
    "$BUILD/gossipctl" init --nodes "$nodes" --topology "$topology" --dir "$folder" --base-port "$(free_ports)" \
        --data "$data" --sort-labels >/dev/null
    cd "$folder" || exit
    names=()
    local conf
    for conf in */gossipd.conf; do names+=("${conf%/*}"); done
    first=${names[0]}
}

# start_daemon NAME: its process is ${pids[-1]} then.
start_daemon() {
    "$BUILD/gossipd" -c "$1/gossipd.conf" </dev/null >>"$1/log" 2>&1 {lock}>&- &
    pids+=($!)
}

connected() {
    ctl "$1" status --json 2>/dev/null | jq -e 'all(.peers[]; .state == "up")' >/dev/null 2>&1
}

start_daemons() {
    local name deadline=$((SECONDS + 120)) i
    for name in "${names[@]}"; do start_daemon "$name"; done
    for i in "${!names[@]}"; do
        until connected "${names[i]}"; do
            kill -0 "${pids[i]}" 2>/dev/null || { cat "${names[i]}/log" >&2 && die "gossipd of ${names[i]} ended"; }
            [[ $SECONDS -lt $deadline ]] || die "${names[i]} is not connected after 120 s; the logs are $folder/*/log"
            sleep 0.1
        done
    done
}

# resolved KEY...: the run's settings of these names, KEY=VALUE a line, once they are known.
resolved() {
    ctl "$first" status --json | jq -r '.settings // {} | to_entries[] | select(.key | IN($ARGS.positional[])) |
        "\(.key)=\(.value)"' --args "$@"
}
