#!/bin/bash
# What happens around a daemon in a long life: logs that nobody reads, closed descriptors, a restart while a client waits, a
# State folder that disappears, data and networks that change between runs.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 2 complete
for i in 1 2; do make_csv "n00$i/train.csv" 30 6 "$i"; done
run=(objective=logistic gossip_steps=2 eta=0.1 gamma=0.3 checkpoint_every=1)
phase_is() { ctl "$1" status --json | grep -qE "\"phase\": *\"$2\""; }
status_says() { ctl "$1" status >status.out && grep -qF -- "$2" status.out; }
runs() { ctl n001 status --json | grep -qE "\"run\": *$1,.*\"phase\"|\"phase\".*\"run\": *$1,"; }
round_beyond() { [ "$(ctl "$1" status --json | sed -E 's/.*"round": *([0-9]+).*/\1/')" -gt "$2" ]; }

echo "a log that nobody reads"
mkfifo log
exec 7<>log
head -c 65536 /dev/zero >&7 # the pipe is full
"$GOSSIPD" -v -c n001/gossipd.conf 2>&7 &
PID_OF[n001]=$! && PIDS+=($!)
start_node n002
for node in n001 n002; do wait_for 10 ctl "$node" health; done
expect 0 ctl n001 start "${run[@]}" rounds=20 --wait
stop_node n001
exec 7>&-

echo "closed descriptors"
"$GOSSIPD" -c n001/gossipd.conf <&- >&- 2>&- &
PID_OF[n001]=$! && PIDS+=($!)
wait_for 10 ctl n001 health
ctl n001 start "${run[@]}" rounds=20 --wait >&- 2>err || fail "no start without stdout: $(cat err)"
[ "$(cat n001/state/lock)" = "${PID_OF[n001]}" ] || fail "the lock holds: $(cat n001/state/lock)"

echo "a restart while somebody waits for the end"
ctl n001 start "${run[@]}" rounds=3000 batch=8 --wait >waited 2>waited.err &
waiter=$!
PIDS+=("$waiter")
wait_for 20 runs 3
wait_for 20 round_beyond n001 20
stop_node n001
sleep 0.5
start_node n001
wait "$waiter" || fail "--wait gave up: $(cat waited waited.err)"
says "2 nodes: 2 done" waited

echo "a State folder that is taken away"
expect 0 ctl n001 start "${run[@]}" rounds=1000000
wait_for 20 round_beyond n001 5
mv n001/state n001/taken
wait_for 20 status_says n002 "waiting for n001"
says "No such file or directory; bring that folder back, or restart gossipd" <(sleep 1; cat n001.log)
mv n001/taken n001/state
expect 0 ctl n001 stop
wait_for 20 phase_is n002 stopped

echo "another network since the last run"
expect 0 ctl n001 eval --data train=n001/train.csv
sed 's/^Topology = complete/Topology = edges/' peers.conf >next.conf
printf '[Edge]\nBetween = n001 n002\nWeight = 0.3\n' >>next.conf
sed -i 's/^Topology = edges/&\nWeights = explicit/' next.conf
sed -i "s/127.0.0.1:${PORT[2]}/localhost:${PORT[2]}/" next.conf
mv next.conf peers.conf
expect 0 ctl n001 reload
says "moved n002, other edges or weights" out
expect 0 ctl n002 reload
wait_for 20 grep -q "the new peers.conf is in force" n001.log
# A result knows its settings, whatever has become of its network, and over a restart, too.
expect 0 ctl n001 eval --data train=n001/train.csv
says "of run 4, logistic" out
expect 0 ctl n001 dump x --out x.npy
says "of run 4 after round" out
stop_node n001 && start_node n001 && wait_for 20 ctl n001 health
expect 0 ctl n001 eval --data train=n001/train.csv
says "of run 4, logistic" out
for node in n001 n002; do stop_node "$node"; done
