#!/bin/bash
# stage.sh [NAME...]: the attacks of these names (none: all), one after the other, on live daemons. After each an honest
# node is let in, and after each stage the network trains. tests/attack/attacks --list has the names.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
ATTACKS=$BUILD/tests/attack/attacks
if grep -qa __asan_init "$GOSSIPD"; then export ATTACK_SANITIZED=yes; fi

stage_of() { "$ATTACKS" --list | sed -n "s/^$1 //p"; }

# n001 is attacked, n002 is its honest neighbour, n003 the node whose key the attacker has.
set_up() {
    local i
    make_peers 3 complete
    for i in 1 2 3; do make_csv "n00$i/train.csv" 40 8 "$i"; done
    for i in 1 2 3; do echo "Bias = yes" >>"n00$i/gossipd.conf" && ln -s train.csv "n00$i/rows.npy"; done
    start_network 2
}

# With the real n003 they train.
check_training() {
    ctl n001 stop --now >/dev/null
    start_node n003
    wait_for 10 ctl n003 status
    expect 0 ctl n001 start objective=linear rounds=5 timeout=60 --wait
    stop_node n003
    says "3 nodes: 3 done" out
}

# restart NODE [FILES]: with so many files that it may open.
restart() {
    stop_node "$1"
    if [ $# -gt 1 ]; then
        (ulimit -n "$2" && exec "$GOSSIPD" -c "$1/gossipd.conf" 2>>"$1.log") &
        PID_OF[$1]=$!
        PIDS+=($!)
    else
        start_node "$1"
    fi
    wait_for 10 ctl "$1" status
}

# answered FOLDER NAME COMMAND...: the attacker listens, then the command starts the daemon that dials it.
answered() {
    local folder=$1 name=$2 attacker
    shift 2
    "$ATTACKS" --at "$folder" "$name" &
    attacker=$!
    PIDS+=("$attacker")
    "$@"
    wait "$attacker"
}

# A hub with a neighbour for each bit of message 2, and one more. Each has an address of its own.
star() {
    local name=$1
    mkdir star
    "$ATTACKS" --star star "$(free_port)"
    printf '[Daemon]\nNode = n001\nPeers = ../peers.conf\nPrivateKey = n001.key\nState = state\n[Data]\nTrain = train.csv\n' \
        >star/n001/gossipd.conf
    make_csv star/n001/train.csv 20 3 1
    answered star "$name" start_node star/n001 || return
    expect 0 "$GOSSIPCTL" -s star/n001/state/control.sock health
    stop_node star/n001
}

# Nobody but the daemon's user and group may use the socket, even where the folders around it let them through.
control_socket() {
    local socket=$DIR/n001/state/control.sock
    [ "$(stat -c %a "$socket")" = 660 ] || fail "mode $(stat -c %a "$socket") of $socket"
    [ "$(stat -c %a n001/state)" = 700 ] || fail "mode $(stat -c %a n001/state) of the state folder"
    if [ "$(id -u)" -ne 0 ]; then
        echo "  without root: not tried as another user"
        return
    fi
    chmod 711 "$DIR" n001 n001/state
    # shellcheck disable=SC2016 # perl's variables
    expect 13 setpriv --reuid 65534 --regid 65534 --clear-groups perl -MIO::Socket::UNIX -e \
        'exit(IO::Socket::UNIX->new(Peer => $ARGV[0]) ? 0 : $! + 0)' "$socket"
    # shellcheck disable=SC2016
    expect 0 setpriv --reuid 65534 --regid "$(stat -c %g "$socket")" --clear-groups perl -MIO::Socket::UNIX -e \
        'exit(IO::Socket::UNIX->new(Peer => $ARGV[0]) ? 0 : $! + 0)' "$socket"
    chmod 700 "$DIR" n001/state
}

# Where dump writes to: a whole file or none, and never through a link.
dump_paths() {
    check_training
    mkdir dump && echo precious >dump/precious
    ln -s precious dump/link.npy
    expect 0 ctl n001 dump x --out dump/link.npy
    says precious dump/precious
    [ ! -L dump/link.npy ] || fail "dump wrote through a link"
    ln -s nowhere dump/dangling.npy
    expect 0 ctl n001 dump x --out dump/dangling.npy
    [ ! -e dump/nowhere ] || fail "dump made a file through a link"
    expect 0 ctl n001 dump x --out dump/dangling.npy # an existing file is replaced
    mkfifo dump/pipe.npy
    expect 0 timeout 10 "$GOSSIPCTL" -s n001/state/control.sock dump x --out dump/pipe.npy
    mkdir dump/folder.npy
    expect 1 ctl n001 dump x --out dump/folder.npy
    ln -s folder.npy dump/to-folder.npy
    expect 1 ctl n001 dump x --out dump/to-folder.npy
    expect 64 ctl n001 dump x --out /dev/full
    [ -c /dev/full ] || fail "/dev/full is no device any more"
    expect 1 ctl n001 dump x --out /dev/full/x.npy
    expect 1 ctl n001 dump x --out dump/missing/x.npy
    expect 1 ctl n001 dump x --out "dump/$(printf 'a%.0s' {1..300}).npy"
    expect 1 bash -c "trap '' XFSZ; ulimit -f 0; exec '$GOSSIPCTL' -s n001/state/control.sock dump x --out dump/full.npy"
    [ ! -e dump/full.npy ] || fail "half a dump was left"
    [ -z "$(find dump -name '*.tmp')" ] || fail "left behind: $(find dump -name '*.tmp')"
}

# A node that the file lists no more is cut off at once, its key is worth nothing, and it is let in again when it is back.
removed_peer() {
    local i
    start_node n003
    wait_for 20 knows n003 "n001  up"
    cp peers.conf peers.all
    awk 'BEGIN { RS = ""; ORS = "\n\n" } !/Name = n003/' peers.all >peers.conf
    for i in 1 2; do expect 0 ctl "n00$i" reload; done
    wait_for 20 knows n003 "n001  down"
    wait_for 60 knows n003 "our public key is not in its peers.conf"
    ctl n001 peers | grep -q n003 && fail "n001 still has a link to n003"
    cp peers.all peers.conf
    for i in 1 2; do expect 0 ctl "n00$i" reload; done
    wait_for 60 knows n003 "n001  up"
    stop_node n003
}
knows() { ctl "$1" peers | grep -qE "$2"; }

attack() {
    local name=$1
    case $(stage_of "$name") in
    dial) "$ATTACKS" --at . "$name" ;;
    few)
        restart n001 40
        "$ATTACKS" --at . "$name" || return
        restart n001
        ;;
    answer)
        stop_node n001
        answered . "$name" start_node n001 || return
        wait_for 10 ctl n001 status
        ;;
    star) star "$name" ;;
    staged) "${name//-/_}" ;;
    *) fail "no attack '$name'; $ATTACKS --list has them" ;;
    esac
}

if [ $# -eq 0 ]; then
    mapfile -t names < <("$ATTACKS" --list | cut -d' ' -f1)
    set -- "${names[@]}"
fi
set_up
count=0
for name; do
    echo "$name"
    attack "$name" || fail "$name"
    kill -0 "${PID_OF[n001]}" || fail "$name: the daemon is gone"
    count=$((count + 1))
done
check_training
echo "100%: Checks: $count, Failures: 0, Errors: 0"
