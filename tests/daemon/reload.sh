#!/bin/bash
# peers.conf changes while the daemons run: a host more, a host less, another port, a mistake; by gossipctl reload and
# by SIGHUP, between runs and during one.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 4 ring
for i in 1 2 3 4; do make_csv "n00$i/train.csv" 30 6 "$i"; done
cp peers.conf all.conf
# without NAME...: all.conf without these nodes.
without() {
    awk -v out=" $* " '
        /^\[Node\]/ { held = $0; next }
        held != "" { skip = index(out, " " $3 " ") > 0; if (!skip) print held; held = "" }
        !skip { print }' all.conf
}
# swap_in FILE: as an editor saves it.
swap_in() { mv "$1" peers.conf; }
connected() { [ "$(ctl "$1" status --json | grep -oE '"state": *"up"' | wc -l)" -eq "$2" ]; }
phase_is() { ctl "$1" status --json | grep -qE "\"phase\": *\"$2\""; }

without n004 >small.conf
swap_in small.conf
start_network 3
for i in 1 2 3; do wait_for 20 connected "n00$i" 2; done
run=(objective=logistic rounds=20 gossip_steps=2 eta=0.1 gamma=0.3)
expect 0 ctl n001 start "${run[@]}" --wait

echo "what --check says beforehand"
printf '[Node]\nName = n004\nEndpoint = nonsense\n' >>peers.conf
expect 78 "$GOSSIPD" -c n001/gossipd.conf --check
says "Endpoint = 'nonsense'" err
cp err check.err

echo "a file with mistakes: all of them told, nothing changed"
expect 78 ctl n001 reload
says "PublicKey" err
says "problems: the old network stays in force" err
while read -r line; do says "${line#gossipd: }" err; done <check.err
connected n001 2 || fail "a refused file ended connections"
expect 78 ctl n001 reload --json
says '"problems":["' out
says '"error"' out
kill -HUP "${PID_OF[n001]}"
wait_for 10 grep -q "reload: .*the old network stays in force" n001.log

echo "without this very node"
without n001 n004 >peers.conf
expect 78 ctl n001 reload
says "lists no node n001" err

echo "one host more; its gossipd starts first"
cp all.conf peers.conf
start_node n004
wait_for 10 ctl n004 health
expect 0 ctl n002 reload
says "added n004: in force" out
expect 0 ctl n001 reload --json
says '"message"' out
kill -HUP "${PID_OF[n003]}"
for i in 1 2 3 4; do wait_for 20 connected "n00$i" 2; done
expect 0 ctl n004 start "${run[@]}" --wait
says "4 nodes: 4 done" out
for i in 1 2 3 4; do expect 0 ctl "n00$i" dump x --out "x$i.npy"; done
cat n00[1-4]/train.csv >train.csv
expect 0 "$GOSSIP_SIM" run "${run[@]}" --peers peers.conf --data train=train.csv --dump sim.npy
values() {
    local file
    for file in "$@"; do tail -c +$((11 + $(od -An -tu2 -j8 -N2 "$file"))) "$file"; done
}
cmp <(values x[1-4].npy) <(values sim.npy) || fail "not what gossip-sim comes to"
expect 0 ctl n001 reload
says "nothing has changed" out

echo "an endpoint, during a run: at once, and nothing breaks"
expect 0 ctl n001 start "${run[@]}" rounds=1000000
wait_for 20 phase_is n003 running
sed "s/:${PORT[3]}\$/:1/" all.conf >peers.conf
expect 0 ctl n002 reload
says "moved n003" out
cp all.conf peers.conf
expect 0 ctl n002 reload
says "moved n003" out
connected n002 2 || fail "a change of endpoints ended connections"
phase_is n002 running || fail "not running: $(ctl n002 status)"

echo "one host less, during a run: it is cut off at once, the rest waits"
without n004 >small.conf
swap_in small.conf
for i in 1 2 3; do
    expect 0 ctl "n00$i" reload
    says "removed n004: the new peers.conf waits for the end of run 3; n004 is not in it any more" out
done
wait_for 10 connected n004 0
wait_for 20 phase_is n001 waiting
ctl n001 status >out
says "gossipctl stop --now" out
ctl n003 status --json >out
says "waits for the end of run 3" out
expect 1 ctl n002 start
says "is going on" err
expect 0 ctl n002 stop --now
for i in 1 2 3; do wait_for 20 connected "n00$i" 2; done
expect 0 ctl n003 start "${run[@]}" --wait
says "3 nodes: 3 done" out
ctl n004 peers >out
! grep -qw up out || fail "n004 is out, and has a link: $(cat out)"
wait_for 40 grep -q "is not in our peers.conf" n001.log n003.log

echo "many reloads at once: the last file counts"
cp all.conf peers.conf
for _ in $(seq 20); do kill -HUP "${PID_OF[n001]}"; done
for i in 2 3; do expect 0 ctl "n00$i" reload; done
for i in 1 2 3 4; do wait_for 20 connected "n00$i" 2; done
for i in 1 2 3 4; do stop_node "n00$i"; done
