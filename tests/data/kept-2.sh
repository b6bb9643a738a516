#!/bin/bash
# kept-2.sh ARCHIVE: how tests/data/kept-2.tar.gz was made, with gossipd at commit 91efb2f, the last that wrote files of
# the format gspkept2. Only a build of that commit makes them again (BUILD names its folder). In the archive:
#   peers.conf, n00[1-3]/  three nodes on a ring: configuration, key, training data
#   middle/, middle.npy    State folders of all three, killed in the middle of a run; the x of each (their bytes one after
#                          another) at the end of the same run, undisturbed
#   recovered/, .npy       the same after n002 had lost its disk in the middle and gone on from its neighbours' copies:
#                          killed once more; what that version came to from these very files
#   ended/, ended.npy      the folders after the end of the undisturbed run; its x
# shellcheck source-path=SCRIPTDIR source=../lib.sh
archive=$(readlink -f "$1")
. "$(dirname "$0")/../lib.sh"

run=(objective=logistic rounds=600 gossip_steps=2 eta=0.1 gamma=0.3 compressor=topk:fraction=0.5 checkpoint_every=2)
make_peers 3 ring
for i in 1 2 3; do make_csv "n00$i/train.csv" 20 4 "$i"; done

round_is_at_least() { [ "$(ctl n001 status --json | sed -nE 's/.*"round": *([0-9]+).*/\1/p' | head -n 1)" -ge "$1" ]; }
phase_is() { ctl "$1" status --json | grep -qE "\"phase\": *\"$2\""; }

# kill_all: as when all lose their power.
kill_all() {
    local i
    for i in 1 2 3; do kill -KILL "${PID_OF[n00$i]}"; done
    for i in 1 2 3; do wait "${PID_OF[n00$i]}" || true; done
}

# snapshot NAME: what is in the State folders now.
snapshot() {
    local i
    for i in 1 2 3; do
        mkdir -p "$1/n00$i"
        (cd "n00$i/state" && cp -t "../../$1/n00$i" run checkpoint.a checkpoint.b)
        if [ -f "n00$i/state/result" ]; then cp "n00$i/state/result" "$1/n00$i"; fi
    done
}

# finish NAME: waits for the end, and keeps x in NAME.npy.
finish() {
    local i
    for i in 1 2 3; do wait_for 60 phase_is "n00$i" "done"; done
    for i in 1 2 3; do expect 0 ctl "n00$i" dump x --out "x$i.npy"; done
    cat x1.npy x2.npy x3.npy >"$1.npy"
}

start_network 3
expect 0 ctl n001 start "${run[@]}"
wait_for 60 round_is_at_least 100
kill_all
snapshot middle
rm -r n002/state
start_network 3
wait_for 60 round_is_at_least 250
kill_all
snapshot recovered
start_network 3
finish recovered
kill_all
rm -r n00?/state
start_network 3
expect 0 ctl n001 start "${run[@]}" --wait
finish middle
cp middle.npy ended.npy
for i in 1 2 3; do stop_node "n00$i"; done
snapshot ended
rm -r n00?/state
tar -czf "$archive" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 peers.conf n00? middle middle.npy recovered recovered.npy \
    ended ended.npy
