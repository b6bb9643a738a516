#!/bin/bash
# gossipctl check: what it says of a good network, and all that it finds wrong with bad ones.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

expect 0 "$GOSSIPCTL" init --nodes 16 --topology torus --dir net --data synthetic:objective=linear,samples=160,features=4
expect 0 "$GOSSIPCTL" check net/peers.conf
for text in "16 nodes, 32 edges, topology torus" "degree     4" "diameter   4" "delta      0.4" "beta       1.6"; do
    says "$text" out
done
hash=$(sed -n 's/^hash *\([0-9a-f]*\) .*/\1/p' out)
[ ${#hash} -eq 64 ] || fail "no hash: $(cat out)"
expect 0 "$GOSSIPCTL" check -c net/peers.conf --json --compressor none
says "\"hash\":\"$hash\"" out
grep -qE '"diameter":4,"delta":0\.(4|39999999)[0-9]*,"beta":1\.(6|59999999)' out || fail "json: $(cat out)"
says '"omega":0.999999' out # values travel as f32
grep -qE '"gamma_safe":0\.01022' out || fail "not the formula of the theory: $(cat out)"
expect 0 "$GOSSIPCTL" check net/n005/gossipd.conf
says "$hash" out
says "neighbours n001 n006 n008 n009" out

# The hash is that of the network, not of where its nodes are.
sed 's/^Endpoint  = 127.0.0.1/Endpoint = other.example/' net/peers.conf >moved.conf
expect 0 "$GOSSIPCTL" check moved.conf
says "$hash" out
sed 's/^Weights .*/Weights = uniform/; s/^Topology .*/Topology = grid/' net/peers.conf >other.conf
expect 78 "$GOSSIPCTL" check other.conf
says "other.conf:7: uniform weights need" err
sed 's/^Topology .*/Topology = grid/' net/peers.conf >other.conf
expect 0 "$GOSSIPCTL" check other.conf
grep -qF "$hash" out && fail "another topology has the same hash"

# Every problem of a file, in one pass.
sed 's/^Topology .*/Topology = trous/; s/^Weights /Weigths /; 0,/^Endpoint .*/s//Endpoint = nowhere/' net/peers.conf >bad.conf
printf '[Node]\nName = n001\nPublicKey = abc\n' >>bad.conf
expect 78 "$GOSSIPCTL" check bad.conf
[ ! -s out ] || fail "it printed something on stdout: $(cat out)"
[ "$(grep -c '^bad.conf:[0-9]*: ' err)" -eq 5 ] || fail "not five problems: $(cat err)"
says "did you mean torus?" err
says "did you mean Weights?" err
says "the port is missing" err
says "not a key" err
says "the same Name as the node on line 10" err

expect 78 "$GOSSIPCTL" check missing.conf
says "missing.conf: No such file" err
expect 78 "$GOSSIPCTL" check .
expect 64 "$GOSSIPCTL" check
says "which file?" err
expect 64 "$GOSSIPCTL" check -c net/peers.conf net/peers.conf
expect 64 "$GOSSIPCTL" check net/peers.conf --compressor tpk
says 'did you mean "topk"?' err
expect 64 "$GOSSIPCTL" check net/peers.conf --dimension 0

# A daemon's file: with the key of another node, a node that is not listed, data that are not there.
cp net/n002/n002.key net/n001/n001.key
sed -i 's/shard.npz.*/none.npz/' net/n001/gossipd.conf
expect 78 "$GOSSIPCTL" check net/n001/gossipd.conf
says "its public key is" err
says "none.npz" err
sed -i 's/^Node .*/Node = n01/' net/n003/gossipd.conf
expect 78 "$GOSSIPCTL" check -c net/n003/gossipd.conf
says "lists no such node; did you mean n001?" err
chmod 644 net/n004/n004.key
expect 78 "$GOSSIPCTL" check net/n004/gossipd.conf
says "chmod 600" err
