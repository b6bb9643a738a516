#!/bin/bash
# Disks that are full or may not be written: at the start of a daemon, of a run, in its middle and at its end. Nothing is
# lost: once there is room the run goes on, to what gossip-sim comes to, byte for byte.
# Needs a mount namespace of its own; where that is not to be had it is skipped.
if [ "${1:-}" != inside ]; then
    map=()
    [ "$(id -u)" -eq 0 ] || map=(--map-root-user)
    unshare "${map[@]}" --mount mount -t tmpfs none /mnt 2>/dev/null || exit 77
    exec unshare "${map[@]}" --mount "$0" inside
fi
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 3 ring
for i in 1 2 3; do make_csv "n00$i/train.csv" 20 6 "$i"; done
cat n00[1-3]/train.csv >train.csv
# A checkpoint of these 6,000 parameters takes 300 kB.
run=(objective=softmax classes=1000 rounds=60 gossip_steps=2 eta=0.1 gamma=0.3 checkpoint_every=1)

mkdir n001/state
mount -t tmpfs -o size=8M tmpfs n001/state
MOUNTS+=("$DIR/n001/state")
head -c 7936K /dev/zero >n001/state/ballast # 256 kB are left
fill() { head -c 16M /dev/zero >n001/state/filler 2>/dev/null || true; }
phase_is() { ctl "$1" status --json | grep -qE "\"phase\": *\"$2\""; }
status_says() { ctl "$1" status >status.out && grep -qF -- "$2" status.out; }
agrees() {
    local i file
    for i in 1 2 3; do expect 0 ctl "n00$i" dump x --out "x$i.npy"; done
    expect 0 "$GOSSIP_SIM" run "$@" --peers peers.conf --data train=train.csv --dump sim.npy
    cmp <(for file in x[1-3].npy; do tail -c +129 "$file"; done) <(tail -c +129 sim.npy) || fail "not what gossip-sim comes to"
}

echo "a daemon that starts on a full disk"
fill
expect 78 "$GOSSIPD" -c n001/gossipd.conf
says "State = n001/state: No space left on device" err
rm n001/state/filler

echo "a daemon that starts on a folder which may not be written"
mkdir n002/state
mount --bind n002/state n002/state
MOUNTS+=("$DIR/n002/state")
mount -o remount,bind,ro n002/state
expect 78 "$GOSSIPD" -c n002/gossipd.conf
says "State = n002/state: Read-only file system" err
says "choose another State" err
expect 78 "$GOSSIPD" -c n002/gossipd.conf --check
umount n002/state

echo "a start that can't be written down is refused, and has not begun anywhere"
start_network 3
fill
expect 1 ctl n001 start "${run[@]}"
says "No space left on device" err
says "make room, then start again" err
phase_is n002 idle || fail "$(ctl n002 status)"
wait_for 10 status_says n001 "its own disk: "
phase_is n001 idle || fail "$(ctl n001 status)"
rm n001/state/filler

echo "a checkpoint that finds no room: the run goes as far as it safely can, and waits"
expect 0 ctl n001 start "${run[@]}"
wait_for 60 phase_is n001 waiting
wait_for 10 status_says n001 "No space left on device"
says "make room, and it goes on by itself" status.out
wait_for 20 status_says n002 "n001"
says "No space left on device; make room; it is tried again and nothing is lost" n001.log
[ "$(grep -c "No space left on device" n001.log)" -le 4 ] || fail "the log says it again and again"
expect 0 ctl n001 health

echo "killed then, and started while there is no room"
fill
kill -KILL "${PID_OF[n001]}"
wait "${PID_OF[n001]}" 2>/dev/null || true
start_node n001
wait_for 60 phase_is n001 waiting
wait_for 10 status_says n001 "No space left on device"
rm n001/state/filler

echo "a disk that becomes read-only meanwhile, too"
mount --bind n003/state n003/state
MOUNTS+=("$DIR/n003/state")
mount -o remount,bind,ro n003/state
rm n001/state/ballast
wait_for 60 status_says n003 "Read-only file system"
phase_is n003 waiting || fail "$(ctl n003 status)"

echo "room on both: the run goes on, to the same bits"
umount n003/state
for i in 1 2 3; do wait_for 60 phase_is "n00$i" "done"; done
agrees "${run[@]}"
[ -z "$(find n00?/state -name '*.new')" ] || fail "left behind: $(find n00?/state -name '*.new')"

echo "a run that another node starts waits for the node that can't write it down"
fill
expect 0 ctl n002 start "${run[@]}" seed=2
wait_for 20 status_says n001 "No space left on device"
phase_is n001 waiting || fail "$(ctl n001 status)"
wait_for 20 status_says n002 "n001"
rm n001/state/filler
for i in 1 2 3; do wait_for 60 phase_is "n00$i" "done"; done
agrees "${run[@]}" seed=2

echo "a stop that can't be written down says so, and comes when there is room"
expect 0 ctl n001 start "${run[@]}" rounds=1000000 checkpoint_every=0 # whose renaming would make room again
wait_for 20 phase_is n003 running
fill
expect 1 ctl n001 stop
says "No space left on device" err
says "it takes effect as soon as" err
rm n001/state/filler
for i in 1 2 3; do wait_for 60 phase_is "n00$i" stopped; done
round=$(ctl n001 status --json | sed -E 's/.*"round": *([0-9]+),.*/\1/')
agrees "${run[@]}" "rounds=$round"

echo "a dump to a full disk"
fill
expect 1 ctl n002 dump x --out n001/state/x.npy
says "No space left on device" err
[ ! -e n001/state/x.npy ] || fail "a dump that failed left a file"
rm n001/state/filler
for i in 1 2 3; do stop_node "n00$i"; done
