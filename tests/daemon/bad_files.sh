#!/bin/bash
# What gossipd says, and how it exits, when its files are wrong: nothing starts, and every problem comes with a remedy.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 2 complete
make_csv n001/train.csv 20 3 1
make_csv n002/train.csv 20 3 2
key() { "$GOSSIPCTL" pubkey "$1"; }

# refused TEXT...: gossipd and gossipd --check both exit with 78 and say each text.
refused() {
    local text
    expect 78 "$GOSSIPD" -c bad/gossipd.conf --check
    for text in "$@"; do says "$text" err; done
    [ ! -s out ] || fail "refused, yet it printed: $(cat out)"
    expect 78 "$GOSSIPD" -c bad/gossipd.conf
    for text in "$@"; do says "$text" err; done
}

# A fresh copy of the good node n001, to be spoiled.
fresh() {
    rm -rf bad
    cp -r n001 bad
}

echo "good files"
expect 0 "$GOSSIPD" -c n001/gossipd.conf --check
says "n001 of network test" out
says "20 rows, 3 columns, float64" out
[ ! -e n001/state ] || fail "--check made the state folder"

echo "the command line"
expect 64 "$GOSSIPD"
expect 64 "$GOSSIPD" -c n001/gossipd.conf more
expect 64 "$GOSSIPD" --nonsense
expect 0 "$GOSSIPD" --help
says "PrivateKey" out
expect 0 "$GOSSIPD" --version

echo "no such configuration"
expect 78 "$GOSSIPD" -c nowhere.conf
says "nowhere.conf" err

echo "wrong key"
fresh && cp n002/n002.key bad/n001.key
refused "$(key n001/n001.key)" "$(key n002/n002.key)" "peers.conf:"

echo "a key that others may read"
fresh && chmod 640 bad/n001.key
refused "chmod 600"

echo "a key file without a key"
fresh && echo hello >bad/n001.key
refused "n001.key" "gossipctl genkey FILE"

echo "a node that is not listed"
fresh && sed -i 's/^Node = n001/Node = n01/' bad/gossipd.conf
refused "n01" "did you mean n001"

echo "unknown and bad keys, all in one pass"
fresh && sed -i 's/^State/Stat/; s/^Listen = .*/Listen = nonsense/' bad/gossipd.conf
refused "bad/gossipd.conf:6: " "did you mean State?" "bad/gossipd.conf:5: Listen"

echo "a problem in each file, all in one pass"
fresh && chmod 644 bad/n001.key && echo "1,2,x" >>bad/train.csv && sed -i 's/^Node = n001/Node = n009/' bad/gossipd.conf
refused "chmod 600" "train.csv:21" "n009"

echo "no data"
fresh && sed -i '/^Train/d' bad/gossipd.conf
refused "Train"

echo "data that are not there"
fresh && rm bad/train.csv
refused "train.csv: No such file"
fresh && rm bad/train.csv && mkdir bad/train.csv
refused "train.csv"

echo "data that are not finite"
fresh && echo "1,inf,3,0" >>bad/train.csv
refused "train.csv:21"
fresh && echo "1,nan,3,0" >>bad/train.csv
refused "train.csv:21"

echo "a file of another type"
fresh && head -c 3000 "$GOSSIPD" >bad/train.csv
refused "train.csv"
fresh && printf '\211PNG\r\n\032\n0000IHDR' >bad/train.csv
refused "train.csv"

echo "test data of another width"
fresh && make_csv bad/test.csv 5 4 3 && echo "Test = test.csv" >>bad/gossipd.conf
refused "test.csv has 4 columns and train.csv has 3"

echo "a state folder that can't be"
fresh && echo >bad/file && sed -i 's/^State = .*/State = file/' bad/gossipd.conf
refused "State = bad/file" "not a folder"
fresh && sed -i 's,^State = .*,State = no/such/folder,' bad/gossipd.conf
refused "State = bad/no/such/folder"

echo "an edge to nowhere, a node that nobody reaches"
fresh && mkdir -p other && cp peers.conf other/peers.conf && sed -i 's,^Peers.*,Peers = ../other/peers.conf,' bad/gossipd.conf
sed -i 's/^Topology.*/Topology = edges/' other/peers.conf
printf '[Edge]\nBetween = n001 n003\n' >>other/peers.conf
refused "other/peers.conf:" "n003"
