#!/bin/bash
# Five daemons on a ring given by its edges train on csv data. What they come to is, byte for byte, what gossip-sim comes
# to with the same settings: undisturbed, from where a run ended, stopped, and over a link that breaks again and again.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 5 edges
for edge in "n003 n004" "n001 n002" "n005 n001" "n004 n005" "n002 n003"; do
    printf '\n[Edge]\nBetween = %s\n' "$edge" >>peers.conf
done
make_csv all.csv 203 12 1
for i in 1 2 3 4; do sed -n "$((40 * i - 39)),$((40 * i))p" all.csv >"n00$i/train.csv"; done
sed -n '161,203p' all.csv >n005/train.csv
start_network 5

# values FILE...: the numbers of npy files, without their headers.
values() {
    local file
    for file in "$@"; do
        tail -c +$((11 + $(od -An -tu2 -j8 -N2 "$file"))) "$file"
    done
}

# agrees KEY=VALUE...: the x of all nodes is what gossip-sim comes to with these settings.
agrees() {
    local i
    for i in 1 2 3 4 5; do expect 0 ctl "n00$i" dump x --out "x$i.npy"; done
    expect 0 "$GOSSIP_SIM" run "$@" --peers peers.conf --data train=all.csv --dump sim.npy
    cmp <(values x1.npy x2.npy x3.npy x4.npy x5.npy) <(values sim.npy) || fail "not what gossip-sim comes to: $*"
}

# all_show KEY VALUE: status --all --json has it five times.
all_show() {
    [ "$(ctl n001 status --all --json | grep -oE "\"$1\": *$2[,}]" | wc -l)" -eq 5 ]
}

run=(objective=logistic rounds=30 gossip_steps=3 compressor=topk:fraction=0.3)
echo "nothing to go on from"
expect 78 ctl n002 start "${run[@]}" init=last
says "init=last: n001 has no result of a run to go on from" err

echo "a run, everything else found out by itself"
expect 0 ctl n003 start "${run[@]}" --wait
says "5 nodes: 5 done" out
agrees "${run[@]}"
cp sim.npy first.npy

echo "another one from where it ended, a third from a file"
expect 0 ctl n001 start "${run[@]}" init=last seed=2 --wait --json
says '"done"' out
agrees "${run[@]}" init=file:first.npy seed=2
expect 0 ctl n001 start "${run[@]}" "init=file:../first.npy" seed=2 --wait
agrees "${run[@]}" init=file:first.npy seed=2
expect 0 ctl n001 start "${run[@]}" "init=file:$PWD/first.npy" seed=2 --wait
agrees "${run[@]}" init=file:first.npy seed=2

echo "a file that lies elsewhere"
elsewhere=$(mktemp -d)
cp first.npy "$elsewhere/x.npy"
ln -s "$elsewhere/x.npy" link.npy
for path in "$elsewhere/x.npy" "$elsewhere/none.npy" ../link.npy; do
    expect 1 ctl n001 start "${run[@]}" "init=file:$path" --wait
    says "there is no such file in the folders of this node's gossipd.conf and peers.conf" err
done
rm -r "$elsewhere"

echo "stopped at one and the same round"
"$GOSSIPCTL" -s n002/state/control.sock start "${run[@]}" rounds=1000000 compressor=none --wait >wait.out 2>wait.err &
waiting=$!
PIDS+=("$waiting")
wait_for 10 all_show phase '"running"'
expect 1 ctl n005 start "${run[@]}"
says "is going on" err
expect 0 ctl n004 stop
round=$(sed -E 's/.*after round ([0-9]+).*/\1/' out)
code=0
wait "$waiting" || code=$?
[ "$code" -eq 1 ] || fail "start --wait of a stopped run: exit code $code"
says "stopped" wait.err
wait_for 10 all_show phase '"stopped"'
all_show round "$round" || fail "not all stopped at round $round: $(ctl n001 status --all)"
agrees "${run[@]}" "rounds=$round" compressor=none

echo "two starts at once"
ctl n001 start "${run[@]}" --wait >a.out 2>a.err &
first=$!
ctl n003 start "${run[@]}" --wait >b.out 2>b.err &
second=$!
PIDS+=("$first" "$second")
code=0
wait "$first" || code=$?
wait "$second" || code=$((code + 10 * $?))
[ "$code" -eq 1 ] || [ "$code" -eq 10 ] || fail "two starts: $(cat a.err b.err) exit codes $code"
wait_for 10 all_show phase '"done"'
agrees "${run[@]}"

echo "stopped now"
expect 0 ctl n001 start "${run[@]}" rounds=1000000
expect 0 ctl n001 stop --now
says "stopped at once" out
wait_for 10 all_show phase '"stopped"'
expect 0 ctl n002 health
expect 0 ctl n003 status
says "n001: stopped at once by gossipctl stop --now" out
says "this run has no result" out

echo "an initial point that is a node's own data"
for i in 1 2 3 5; do cp first.npy "n00$i/"; done
ln -s train.csv n004/first.npy
expect 1 ctl n001 start "${run[@]}" init=file:first.npy --wait
says "n004/first.npy holds this node's own rows" err

echo "a link that breaks again and again"
for i in 1 2; do stop_node "n00$i"; done
cut=$(free_port)
mkdir other
# Endpoints are no part of what hosts must agree on: n001 dials n002 through the cutter, and n002 never dials n001.
sed "s/:${PORT[2]}\$/:$cut/" peers.conf >other/cut.conf
sed "/:${PORT[1]}\$/d" peers.conf >other/only.conf
sed -i 's,^Peers.*,Peers = ../other/cut.conf,' n001/gossipd.conf
sed -i 's,^Peers.*,Peers = ../other/only.conf,' n002/gossipd.conf
perl "$TESTS/daemon/cutter.pl" "$cut" "${PORT[2]}" 3000 2000 20000 5000 >cutter.log &
PIDS+=($!)
start_node n001
start_node n002
expect 0 ctl n004 start "${run[@]}" rounds=200 --wait
says "to be cut after 5000 bytes" cutter.log
agrees "${run[@]}" rounds=200
