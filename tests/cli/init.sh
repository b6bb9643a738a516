#!/bin/bash
# gossipctl init: what it makes, and that a failure leaves nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

nothing_in() { [ -z "$(ls -A "$1" 2>/dev/null)" ] || fail "$1 is not empty: $(ls -A "$1")"; }

# Rows with labels 0, 1, 2 in turns, so that sorting them shows.
awk 'BEGIN { for (i = 0; i < 100; i++) print i / 8 "," (-i) "," i % 3 }' >train.csv
awk 'BEGIN { for (i = 0; i < 7; i++) print i "," i "," i % 3 }' >test.csv

expect 0 "$GOSSIPCTL" init --nodes 9 --topology torus --dir deep/er/net --data train=train.csv,test=test.csv,bias=yes \
    --sort-labels --base-port 17401
says "gossipd -c deep/er/net/n001/gossipd.conf" out
says "gossipctl -s deep/er/net/n001/state/control.sock start" out
[ "$(cd deep/er/net && echo *)" = "n001 n002 n003 n004 n005 n006 n007 n008 n009 peers.conf" ] || fail "made: $(ls -A deep/er/net)"
nothing_in "$(find deep/er/net -name '.init*')"
for node in deep/er/net/n*; do
    name=$(basename "$node")
    [ "$(cd "$node" && echo *)" = "gossipd.conf $name.key shard.npz test.npz" ] || fail "made: $(ls -A "$node")"
    [ "$(stat -c %a "$node/$name.key")" = 600 ] || fail "$name.key is not private"
    expect 0 "$GOSSIPD" -c "$node/gossipd.conf" --check
    grep -q "$("$GOSSIPCTL" pubkey "$node/$name.key")" deep/er/net/peers.conf || fail "$name's key is not in peers.conf"
    [ "$(stat -c %h "$node/test.npz")" = 9 ] || fail "the test rows are on the disk more than once"
done
says "Listen     = 127.0.0.1:17401" deep/er/net/n001/gossipd.conf
says "Endpoint  = 127.0.0.1:17409" deep/er/net/peers.conf
expect 0 "$GOSSIPCTL" check deep/er/net/n009/gossipd.conf --json
says '"rows":12,"columns":3' out
expect 0 "$GOSSIPCTL" check deep/er/net/n001/gossipd.conf
says "test.npz: 7 rows, 3 columns" out

# The first node has rows of the first label alone, in their order; a second init made of the same data gives the same.
expect 0 "$GOSSIPCTL" init --nodes 9 --topology torus --dir again --data train=train.csv,test=test.csv,bias=yes --sort-labels
cmp -s again/n001/shard.npz deep/er/net/n001/shard.npz || fail "the same data gave another shard"
expect 0 "$GOSSIPCTL" init --nodes 9 --topology torus --dir unsorted --data train=train.csv,test=test.csv,bias=yes
cmp -s unsorted/n001/shard.npz deep/er/net/n001/shard.npz && fail "--sort-labels changed nothing"

# An interrupted or refused init leaves what was there as it was.
find deep again | sort >before
expect 1 "$GOSSIPCTL" init --nodes 9 --topology torus --dir again
says "again/peers.conf is there already" err
rm again/peers.conf
expect 1 "$GOSSIPCTL" init --nodes 9 --topology torus --dir again
says "again/n001 is there already" err
touch again/peers.conf
find deep again | sort | cmp -s - before || fail "a refused init changed something"

# Told to end in the midst of it, it takes back what it has made. (What the shell starts behind it ignores SIGINT.)
"$GOSSIPCTL" init --nodes 4096 --topology ring --dir cut/short 2>err &
pid=$!
until compgen -G 'cut/short/.init-*/n0*' >/dev/null; do sleep 0.01; done
kill -TERM $pid
wait $pid && fail "it went on"
says "interrupted: nothing was made in cut/short" err
[ ! -e cut ] || fail "left behind: $(find cut | head -3)"

refuse() { # CODE TEXT WORD...
    local code=$1 text=$2
    shift 2
    expect "$code" "$GOSSIPCTL" init --dir new/folder "$@"
    says "$text" err
    [ ! -e new ] || fail "left behind: $(find new)"
}
refuse 64 "--topology T is missing" --nodes 3
refuse 64 "--nodes 0 is not a number from 1 to 4096" --nodes 0 --topology ring
refuse 64 "the nearest that can is 9 or 12" --nodes 10 --topology torus
refuse 64 "did you mean ring?" --nodes 3 --topology rong
refuse 64 "use metropolis" --nodes 4 --topology star --weights uniform
refuse 64 "neither metropolis nor uniform" --nodes 4 --topology star --weights heavy
refuse 64 "--base-port x is not a port" --nodes 3 --topology ring --base-port x
refuse 64 "ports above 65535" --nodes 3 --topology ring --base-port 65534
refuse 64 "one HOST:PORT for each of the 3 nodes" --nodes 3 --topology ring --endpoints a:1,b:2
refuse 64 "one HOST:PORT for each of the 3 nodes" --nodes 3 --topology ring --endpoints a:1,b:2,c:3,d:4
refuse 64 "the port is missing" --nodes 3 --topology ring --endpoints a,b,c
refuse 64 "the same Endpoint" --nodes 3 --topology ring --endpoints a:1,b:2,b:2
refuse 64 "--listen needs --endpoints" --nodes 3 --topology ring --listen 0.0.0.0:1
refuse 64 "not both" --nodes 3 --topology ring --endpoints %s:1 --base-port 1
refuse 64 "--sort-labels needs --data" --nodes 3 --topology ring --sort-labels
refuse 64 "cannot be written to peers.conf" --nodes 3 --topology ring --name "a # b"
refuse 64 "did you mean train?" --nodes 3 --topology ring --data trian=train.csv
refuse 64 "testlabels needs test" --nodes 3 --topology ring --data train=train.csv,testlabels=x
refuse 64 "neither yes nor no" --nodes 3 --topology ring --data train=train.csv,bias=1
refuse 64 "train is given twice" --nodes 3 --topology ring --data train=a,train=b
refuse 78 "none.csv: No such file" --nodes 3 --topology ring --data train=none.csv
refuse 78 "100 rows are too few for 101 nodes" --nodes 101 --topology ring --data train=train.csv
printf '1,2,3,0\n' >wide.csv
refuse 78 "must be of one kind" --nodes 3 --topology ring --data train=train.csv,test=wide.csv
touch plain
expect 1 "$GOSSIPCTL" init --nodes 3 --topology ring --dir plain/net
says "plain" err

# A disk that fills up while shards are written: everything goes, the folder that init made too.
if (ulimit -f 100) 2>/dev/null; then
    awk 'BEGIN { for (i = 0; i < 40000; i++) print i / 8 "," (-i) "," i % 3 }' >long.csv
    got=0
    (trap '' XFSZ && ulimit -f 100 && exec "$GOSSIPCTL" init --nodes 3 --topology ring --dir new/folder --data train=long.csv) \
        >out 2>err || got=$?
    [ "$got" -eq 1 ] || fail "exit code $got: $(cat err)"
    [ ! -e new ] || fail "left behind: $(find new)"
fi

# Other hosts and containers.
expect 0 "$GOSSIPCTL" init --nodes 3 --topology ring --dir hosts --name far --endpoints "a.example:7400,b.example:7401,[::1]:7402" --json
grep -qF '{"name":"n003","config":"hosts/n003/gossipd.conf","socket":"hosts/n003/state/control.sock","endpoint":"[::1]:7402","listen":"[::]:7402","rows":null}' out ||
    fail "json: $(cat out)"
says "Name     = far" hosts/peers.conf
says "Endpoint  = b.example:7401" hosts/peers.conf
says "Listen     = 0.0.0.0:7401" hosts/n002/gossipd.conf
grep -q '^# Train' hosts/n001/gossipd.conf || fail "no hint at data"
expect 78 "$GOSSIPCTL" check hosts/n001/gossipd.conf
says "there is no [Data]" err
expect 0 "$GOSSIPCTL" init --nodes 3 --topology ring --dir boxes --endpoints %s:7400 --listen '[::]:7400'
says "Endpoint  = n002:7400" boxes/peers.conf
says "Listen     = [::]:7400" boxes/n002/gossipd.conf

expect 0 "$GOSSIPCTL" init --nodes 1 --topology ring --dir alone --data synthetic:objective=linear,samples=10,features=3
says "objective=linear" out
expect 0 "$GOSSIPCTL" check alone/n001/gossipd.conf
mkdir here
(cd here && expect 0 "$GOSSIPCTL" init --nodes 2 --topology complete --dir .)
[ -e here/n002/gossipd.conf ] || fail "--dir . did not work"
