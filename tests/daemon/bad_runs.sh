#!/bin/bash
# What gossipd and gossipctl say about what goes wrong between programs: ports, folders, sockets, settings, neighbours.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 3 ring
for i in 1 2 3; do make_csv "n00$i/train.csv" 30 4 "$i"; done
socket=n001/state/control.sock

echo "no daemon there"
expect 3 ctl n001 status
says "no daemon answers at $socket" err
says "is gossipd running?" err
expect 3 ctl n001 status --json
says '"error"' out
expect 1 ctl n001 health
says "no daemon answers" out
expect 3 ctl n001 dump x --out x.npy
[ ! -e x.npy ] || fail "a failed dump left a file"

start_network 3

echo "the same state folder twice"
sed "s/:${PORT[1]}/:$(free_port)/" n001/gossipd.conf >n001/twice.conf
expect 1 "$GOSSIPD" -c n001/twice.conf
says "State = n001/state: another gossipd (process ${PID_OF[n001]})" err

echo "a port in use"
sed "s/^State.*/State = other/" n001/gossipd.conf >n001/port.conf
expect 1 "$GOSSIPD" -c n001/port.conf
says "127.0.0.1:${PORT[1]} is in use by another program; choose another Listen in n001/port.conf or stop it" err

echo "an address of somebody else"
sed "s/^State.*/State = other/; s/^Listen.*/Listen = 198.51.100.1:${PORT[1]}/" n001/gossipd.conf >n001/address.conf
expect 1 "$GOSSIPD" -c n001/address.conf
says "198.51.100.1:${PORT[1]} is not an address of this host" err

echo "settings that are wrong"
expect 64 ctl n001 start ronds=5
says "rounds" err
expect 64 ctl n001 start rounds=-1
expect 64 ctl n001 start compressor=topc
expect 64 ctl n001 start gossip_steps=0
expect 64 ctl n001 start 5
expect 64 ctl n001 start ronds=5 --json
says '"error"' out

echo "labels out of range"
cp n003/train.csv keep.csv
stop_node n003 && echo "0,0,0,0,7" >>n003/train.csv && start_node n003 && wait_for 10 ctl n003 health
expect 78 ctl n001 start objective=logistic
says "n003 has the label 7" err
expect 78 ctl n002 start objective=softmax classes=7
says "n003 has the label 7" err

echo "another dimension"
stop_node n003 && make_csv n003/train.csv 30 5 3 && start_node n003 && wait_for 10 ctl n003 health
expect 78 ctl n001 start objective=linear
says "n003 have 5 columns" err

echo "an eta that diverges"
stop_node n003 && cp keep.csv n003/train.csv && start_node n003 && wait_for 10 ctl n003 health
expect 1 ctl n001 start objective=linear eta=1000 gamma=0.5 rounds=500 --wait
says "the run failed" err
says "diverged" err
says "eta" err
wait_for 5 sh -c "$GOSSIPCTL -s n002/state/control.sock status --json | grep -q '\"phase\": *\"failed\"'"
expect 1 ctl n002 health

echo "a node that is not there at start"
stop_node n003
expect 1 ctl n001 start objective=linear timeout=1
says "n003" err
says "Is gossipd running there?" err
expect 1 ctl n001 start objective=linear timeout=1 --json
says '"error"' out

echo "another peers.conf"
mkdir other && sed 's/^Topology.*/Topology = ring\nWeights = uniform/' peers.conf >other/peers.conf
cat >>other/peers.conf <<END

[Node]
Name = n004
PublicKey = $("$GOSSIPCTL" genkey other/n004.key && "$GOSSIPCTL" pubkey other/n004.key)
END
sed -i 's,^Peers.*,Peers = ../other/peers.conf,' n003/gossipd.conf
start_node n003
wait_for 10 sh -c "$GOSSIPCTL -s n003/state/control.sock peers --json | grep -q refused"
ctl n003 peers >out
says "refused" out
grep -qE "hash [0-9a-f]{16}.* [(]?(hash |ours )[0-9a-f]{16}" out || fail "the two hashes are not named: $(cat out)"
