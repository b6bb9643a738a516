#!/bin/bash
# Daemons with tables of their own: what is alike trains, what is not is refused by name before anything is sent.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 2 complete

# rows FILE HEADER: with a header in this order of its names; the outcome is 1 where age is above 45.
rows() {
    awk -v header="$2" 'BEGIN {
        count = split(header, names, ",")
        print header
        for (i = 0; i < 20; i++) {
            value["age"] = 30 + (i * 7) % 31; value["dose"] = (i * 3) % 5; value["outcome"] = value["age"] > 45
            for (k = 1; k <= count; k++) printf "%s%s", value[names[k]], k < count ? "," : "\n"
        }
    }' >"$1"
}

# restart LINE...: both nodes anew, these lines in the [Data] of n002.
restart() {
    local name
    for name in n001 n002; do
        [ -z "${PID_OF[$name]:-}" ] || stop_node "$name"
        sed -i '/^\[Data\]/,$d' "$name/gossipd.conf"
        printf '[Data]\nTrain = train.csv\n' >>"$name/gossipd.conf"
    done
    printf '%s\n' "$@" >>n002/gossipd.conf
    start_network 2
}

rows n001/train.csv age,dose,outcome
rows n002/train.csv dose,age,outcome
restart
expect 78 ctl n001 start objective=logistic rounds=5
says "the columns of n002 are not those of n001: their names or their order differ" err

rows n002/train.csv age,dose,outcome
restart
expect 0 ctl n001 start objective=logistic rounds=5 --wait

# Another column is the target, and one is left out: not the same columns either, until both say so.
rows n002/train.csv outcome,age,dose
restart "Label = outcome"
expect 0 ctl n001 start objective=logistic rounds=5 --wait
restart "Label = outcome" "Drop = dose"
expect 78 ctl n001 start objective=logistic rounds=5
says "have 1 columns" err

# Labels -1 and 1 at one node, 0 and 1 at the other.
rows n002/train.csv age,dose,outcome
sed -i 's/,0$/,-1/' n002/train.csv
restart
expect 78 ctl n001 start objective=logistic rounds=5
says "the labels of n002 are -1 and 1, those of n001 count from 0" err
sed -i 's/,0$/,-1/' n001/train.csv
restart
expect 0 ctl n001 start objective=logistic rounds=5 --wait

# Words: refused with what to do, as each node would number its own.
sed -i 's/,-1$/,elm/; s/,1$/,oak/' n002/train.csv
expect 78 "$GOSSIPCTL" check n002/gossipd.conf
says "column 3 'outcome' is 'elm', no number. Nodes that read files of their own have no common numbering of words yet" err
sed -i 's/,elm$/,/; s/,oak$/,1/' n002/train.csv
expect 78 "$GOSSIPCTL" check n002/gossipd.conf
says "values are missing: " err
says "in column 3 'outcome' (first in line 2)" err

# What check shows.
rows n002/train.csv age,dose,outcome
expect 0 "$GOSSIPCTL" check n002/gossipd.conf
says "target     outcome: 0 (" out
says "columns    age, dose" out

# Nodes count by their rows, as all rows in one place would: 4 rows of 0 here and 16 of 1 there.
echo "weights"
for i in $(seq 4); do echo 1,0; done >n001/train.csv
for i in $(seq 16); do echo 1,1; done >n002/train.csv
restart
# trained WANTED SETTING...: both come to this x, within rounding.
trained() {
    local wanted=$1
    shift
    expect 0 ctl n001 start objective=linear compressor=none:values=f64 rounds=400 eta=0.2 "$@" --wait
    rm -f x.npy
    expect 0 ctl n001 dump x --out x.npy
    tail -c 8 x.npy | od -An -t f8 | awk -v wanted="$wanted" '{ exit !(($1 - wanted) ^ 2 < 1e-12) }' ||
        fail "not $wanted: $(tail -c 8 x.npy | od -An -t f8)"
}
trained 0.5 weight=nodes
trained 0.8
expect 0 ctl n001 status --json
says '"weight":"rows:10"' out
