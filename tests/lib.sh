# shellcheck shell=bash disable=SC2034
# lib.sh - what tests with real processes share. A test sources it and gets: a folder of its own ($DIR, its working
# directory), daemons that end with the test, free ports, and ways to wait. Programs are taken from $BUILD, the folder
# that they were built in.
set -euo pipefail

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BUILD=$(cd "${BUILD:-.}" && pwd)
GOSSIPD=$BUILD/gossipd
GOSSIPCTL=$BUILD/gossipctl
GOSSIP_SIM=$BUILD/gossip-sim
export NO_COLOR=1
unset GOSSIPD_SOCKET
readonly TESTS BUILD GOSSIPD GOSSIPCTL GOSSIP_SIM

DIR=$(mktemp -d "${TMPDIR:-/tmp}/gossip-test.XXXXXX")
PIDS=()
MOUNTS=()

# Shows the logs if the test failed, and ends what it started, by process id.
cleanup() {
    local result=$? pid mount
    trap - EXIT INT TERM
    trap '' PIPE # whoever read the output may have gone, and the daemons must end all the same
    if [ "$result" -ne 0 ] && [ "$result" -ne 77 ]; then
        echo "FAILED with $result; the logs:"
        tail -n 20 "$DIR"/*.log 2>/dev/null || true
    fi
    exec 2>/dev/null # the shell would report each of them
    for pid in ${PIDS[@]+"${PIDS[@]}"}; do kill -KILL "$pid" || true; done
    wait || true
    for mount in ${MOUNTS[@]+"${MOUNTS[@]}"}; do umount -l "$mount" || true; done
    rm -rf "$DIR"
    exit "$result"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
cd "$DIR"

fail() {
    echo "$(basename "$0"):${BASH_LINENO[0]}: $*" >&2
    exit 1
}

# expect CODE COMMAND...: runs it, keeps its output in out and err, fails on another exit code.
expect() {
    local want=$1 got=0
    shift
    "$@" >out 2>err || got=$?
    [ "$got" -eq "$want" ] || fail "exit code $got, not $want: $*: $(cat out err)"
}

# says TEXT FILE: the file holds the text.
says() {
    grep -qF -- "$1" "$2" || fail "$2 does not say '$1' but: $(cat "$2")"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    local tries=$(($1 * 20))
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited in vain for: $*"
        sleep 0.05
    done
}

# free_port: a port of the loopback interface that nobody listens on, below the ports that the system hands out.
free_port() {
    local port
    while :; do
        port=$((10000 + (RANDOM * 32768 + RANDOM) % 20000))
        grep -qiE "^ *[0-9]+: [0-9A-F]+:$(printf %04X $port) " /proc/net/tcp /proc/net/tcp6 2>/dev/null || break
    done
    echo "$port"
}

name_of() { printf 'n%03d' "$1"; }

# make_peers N TOPOLOGY: keys and peers.conf for N nodes. With TOPOLOGY=edges the [Edge] sections are the caller's to add.
make_peers() {
    local count=$1 topology=$2 i name
    printf '[Network]\nName = test\nTopology = %s\n' "$topology" >peers.conf
    for ((i = 1; i <= count; i++)); do
        name=$(name_of "$i")
        mkdir -p "$name"
        "$GOSSIPCTL" genkey "$name/$name.key"
        PORT[i]=$(free_port)
        printf '\n[Node]\nName = %s\nPublicKey = %s\nEndpoint = 127.0.0.1:%s\n' "$name" \
            "$("$GOSSIPCTL" pubkey "$name/$name.key")" "${PORT[i]}" >>peers.conf
        printf '[Daemon]\nNode = %s\nPeers = ../peers.conf\nPrivateKey = %s.key\nListen = 127.0.0.1:%s\nState = state\n' \
            "$name" "$name" "${PORT[i]}" >"$name/gossipd.conf"
        printf '[Data]\nTrain = train.csv\n' >>"$name/gossipd.conf"
    done
}
declare -a PORT

# make_csv FILE ROWS COLUMNS SEED: rows of features in [-1, 1) and a 0/1 label that a plane divides.
make_csv() {
    awk -v rows="$2" -v columns="$3" -v seed="$4" 'BEGIN {
        s = seed * 7919 + 1
        for (i = 0; i < rows; i++) {
            line = ""; sum = 0
            for (j = 0; j < columns; j++) {
                s = (s * 69069 + 12345) % 4294967296
                v = s / 2147483648 - 1
                sum += (j % 2 ? -v : v)
                line = line sprintf("%.6f,", v)
            }
            print line (sum > 0 ? 1 : 0)
        }
    }' >"$1"
}

# start_node NAME: a daemon in the background, its log in NAME.log, its process in PID_OF[NAME].
declare -A PID_OF
start_node() {
    "$GOSSIPD" -c "$1/gossipd.conf" 2>>"$1.log" &
    PID_OF[$1]=$!
    PIDS+=($!)
}

# ctl NAME WORD...: gossipctl for that node's daemon.
ctl() {
    local name=$1
    shift
    "$GOSSIPCTL" -s "$name/state/control.sock" "$@"
}

# start_network N: nodes 1 to N, until each answers.
start_network() {
    local i
    for ((i = 1; i <= $1; i++)); do start_node "$(name_of "$i")"; done
    for ((i = 1; i <= $1; i++)); do wait_for 10 ctl "$(name_of "$i")" health; done
}

# stop_node NAME: orderly; its exit code must be 0.
stop_node() {
    kill -TERM "${PID_OF[$1]}"
    wait "${PID_OF[$1]}" || fail "$1 ended with $?"
}

# worker_pid NAME: the process of its worker.
worker_pid() {
    pgrep -P "${PID_OF[$1]}"
}

# kill_hard PID...: as kill -9, until they are gone.
kill_hard() {
    local pid
    kill -KILL "$@"
    for pid in "$@"; do
        while kill -0 "$pid" 2>/dev/null; do
            wait "$pid" 2>/dev/null || true
            sleep 0.02
        done
    done
}

# sanitized: the programs were built with a sanitizer, which keeps what is freed for a while, and takes its time.
sanitized() { grep -qa __asan_init "$GOSSIPD"; }
