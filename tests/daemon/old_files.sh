#!/bin/bash
# State folders of other versions of gossipd. Those of the format gspkept2 (tests/data/kept-2.sh made them) are gone on
# from to the x that the version of that time came to, bit for bit. What a later version wrote, or somebody else, is
# named and never touched; what is merely damaged is written again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
KEPT_TOOL=$BUILD/tests/kept-tool

tar -xzf "$TESTS/data/kept-2.tar.gz"
for i in 1 2 3; do
    port=$(sed -nE "s/^Listen = 127.0.0.1:([0-9]+)/\1/p" "n00$i/gossipd.conf")
    free=$(free_port)
    sed -i "s/127.0.0.1:$port$/127.0.0.1:$free/" peers.conf "n00$i/gossipd.conf"
done

# use SNAPSHOT: its files in the State folders, and nothing else.
use() {
    local i
    for i in 1 2 3; do
        rm -rf "n00$i/state"
        cp -r "$1/n00$i" "n00$i/state"
    done
}

phase_is() { ctl "$1" status --json | grep -qE "\"phase\": *\"$2\""; }
format_of() { head -c 8 "$1"; }

# comes_to SNAPSHOT: all nodes come to the end of their run, and to that x.
comes_to() {
    local i
    for i in 1 2 3; do wait_for 60 phase_is "n00$i" "done"; done
    for i in 1 2 3; do expect 0 ctl "n00$i" dump x --out "x$i.npy"; done
    cmp <(cat x1.npy x2.npy x3.npy) "$1.npy" || fail "not what the version of that time came to: $1"
}

stop_network() {
    local i
    for i in 1 2 3; do stop_node "n00$i"; done
}

for snapshot in middle recovered ended; do
    echo "gspkept2: $snapshot"
    use "$snapshot"
    start_network 3
    comes_to "$snapshot"
    if [ "$snapshot" != ended ]; then
        says "this node goes on at step" n001.log
        [ "$(format_of n001/state/result)" = gspkept3 ] || fail "the result is still of the old format"
    fi
    stop_network
    rm -f n00?.log
done

echo "to go on from a result of gspkept2"
start_network 3
expect 0 ctl n001 start objective=logistic rounds=3 init=last --wait
stop_network

echo "a run of this version, killed in its middle"
rm -rf n00?/state
start_network 3
expect 0 ctl n001 start objective=logistic rounds=1000000 gossip_steps=2 eta=0.1 gamma=0.3 checkpoint_every=2
two_checkpoints() { [ -e n001/state/checkpoint.a ] && [ -e n001/state/checkpoint.b ]; }
wait_for 30 two_checkpoints
for i in 1 2 3; do kill -KILL "${PID_OF[n00$i]}"; done
for i in 1 2 3; do wait "${PID_OF[n00$i]}" || true; done
rm -f n00?.log
mv n001/state good
rm -f good/lock good/control.sock
cp ended/n001/result good/result

# again: the good folder.
again() {
    rm -rf n001/state
    cp -r good n001/state
}

# digest: of all in the folder but the lock, which names the process that holds it.
digest() { (cd n001/state && find . ! -name lock | sort && find . -type f ! -name lock -exec sha256sum {} + | sort); }

# left_alone TEXT...: gossipd ends with 78 and says each text, and nothing in the folder has changed.
left_alone() {
    local text
    digest >before
    expect 78 timeout 20 "$GOSSIPD" -c n001/gossipd.conf
    for text in "State = n001/state: " "It is left as it is" "$@"; do says "$text" err; done
    digest >after
    cmp before after || fail "the folder is not what it was: $(diff before after)"
}

# as_format N FILE: another magic and contents that are not known here.
as_format() { printf 'gspkept%s, and what that holds' "$1" | dd of="$2" conv=notrunc status=none; }

for file in run checkpoint.a checkpoint.b result; do
    echo "$file of others"
    again && as_format 4 "n001/state/$file"
    left_alone "$file: it is of the format gspkept4: a newer gossipd can read it"
    again && as_format 1 "n001/state/$file"
    left_alone "$file: it is of the format gspkept1: an older gossipd can read it"
    again && echo "notes that somebody keeps here" >"n001/state/$file"
    left_alone "$file: it is not a file that gossipd wrote" "move it out of the State folder"
done

echo "a file under another's name"
again && cp n001/state/checkpoint.a n001/state/result
left_alone "result: it is a checkpoint, not a result"

echo "sections of a later version"
for file in run checkpoint.a checkpoint.b; do
    again && "$KEPT_TOOL" "n001/state/$file" section zzz 2 0
    left_alone "$file: it has a section zzz, version 2, which this gossipd does not know: a newer one can read it"
done
for file in checkpoint.a checkpoint.b; do # also in the one that would not be gone on from
    again && "$KEPT_TOOL" "n001/state/$file" state velocity 1 0
    left_alone "$file: it has a section velocity, version 1, which this gossipd does not know: a newer one can read it"
done

# goes_on: it starts, and is in the run.
goes_on() {
    start_node n001
    wait_for 10 ctl n001 health
    says "this node goes on at step" n001.log
    stop_node n001
}

echo "sections of a later version that may be passed over"
again
for file in run checkpoint.a checkpoint.b; do "$KEPT_TOOL" "n001/state/$file" section zzz 2 1; done
for file in checkpoint.a checkpoint.b; do "$KEPT_TOOL" "n001/state/$file" state velocity 1 1; done
goes_on
! grep -q "left out" n001.log || fail "$(cat n001.log)"

# written_again FILE: it is left out as damaged, and whole afterwards.
written_again() {
    rm -f n001.log
    goes_on
    says "$1 is left out: " n001.log
    rm -f n001.log
    goes_on
    ! grep -q "left out" n001.log || fail "$1 was not written again: $(cat n001.log)"
}

echo "what a power failure or a bad disk leaves is written again"
again && : >n001/state/checkpoint.a && written_again checkpoint.a
again && truncate -s 5 n001/state/checkpoint.a && written_again checkpoint.a
again && truncate -s 500 n001/state/checkpoint.b && written_again checkpoint.b
again && head -c 900 /dev/zero >n001/state/checkpoint.b && written_again checkpoint.b
again && printf X | dd of=n001/state/checkpoint.a bs=1 conv=notrunc status=none && written_again checkpoint.a
