#!/bin/bash
# Nine daemons on a torus: the history of each is, to the last bit of every loss, what gossip-sim records for the node.
# Then what happens when the file can't be written: the run goes on, and says so.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 9 torus
make_csv all.csv 183 12 1
for i in {1..9}; do
    last=$((i == 9 ? 183 : 20 * i))
    sed -n "$((20 * i - 19)),${last}p" all.csv >"n00$i/train.csv"
    cp all.csv "n00$i/test.csv"
    echo "Test = test.csv" >>"n00$i/gossipd.conf"
done
start_network 9
expect 1 ctl n001 history
says "no history yet" err
expect 1 ctl n001 eval --data train=all.csv
says "nothing has run here" err

# What is no time and no overhead of a network: round, loss, consensus error, payload.
measured() { cut -d, -f1,2,4,5 "$@"; }

# recorded NAME ROUND: the last line of the node's history is that round.
recorded() { [[ $(tail -n 1 "$1/state/history.csv") == "$2,"* ]]; }

# agrees RUN ROUNDS KEY=VALUE...: every node's history of that run is what gossip-sim records.
agrees() {
    local run=$1 rounds=$2 i name
    shift 2
    expect 0 "$GOSSIP_SIM" run "$@" "rounds=$rounds" --peers peers.conf --data train=all.csv,test=all.csv \
        --node-history sim.csv
    for i in {1..9}; do
        name=n00$i
        wait_for 10 recorded "$name" "$rounds"
        [ "$(wc -l <"$name/state/history.csv")" -eq $((rounds + 2)) ] || fail "$name: not every round once"
        cmp <(measured "$name/state/history.csv") <(sed -n "1p;/,$name,/p" sim.csv | measured) ||
            fail "the history of $name is not what gossip-sim records"
        [ "$(sed 1d "$name/state/history.csv" | cut -d, -f12- | sort -u)" = "$name,$run-$id" ] ||
            fail "$name: the run is not named: $(tail -n 1 "$name/state/history.csv")"
    done
}
run_id() { ctl n001 status --json | sed -E 's/.*"run_id": *"(.{8}).*/\1/'; }

run=(objective=logistic gossip_steps=3 compressor=topk:fraction=0.3 gamma=0.3)
echo "the same loss curves as gossip-sim's, to the last bit"
expect 0 ctl n005 start "${run[@]}" rounds=60 --wait
id=$(run_id)
agrees 1 60 "${run[@]}"
head -n 1 n001/state/history.csv >out
says "round,loss,accuracy,consensus_error,payload_bytes,bytes_sent,bytes_received,gradient_seconds,coding_seconds,waiting_seconds,seconds,node,run" out
last=$(tail -n 1 n003/state/history.csv)
[[ $(cut -d, -f3 <<<"$last") == 0.* ]] || fail "no accuracy at the end: $last"
awk -F, 'NR > 2 && ($6 < bytes || $7 < got || $11 < time || $8 < work) { exit 1 } NR > 1 { bytes = $6; got = $7; work = $8; time = $11 }
    END { exit !($6 > 4 * $5 && $7 > 0 && $8 > 0 && $9 > 0 && $11 > 0) }' n003/state/history.csv ||
    fail "bytes and seconds do not grow: $last"

echo "read through the control socket"
expect 0 ctl n003 history --csv
cmp out n003/state/history.csv || fail "history --csv is not the file"
expect 0 ctl n003 history --last 2
[ "$(wc -l <out)" -eq 3 ] || fail "not two rounds: $(cat out)"
grep -qE "^ +60 +0\\.[0-9]+ +[0-9.]+ % " out || fail "no last round: $(cat out)"
expect 0 ctl n003 history --json
says '{"node":"n003","run":1,"rows":[{"round":0,"loss":0.69314718055994' out
says ',"accuracy":null,"consensus_error":null,"payload_bytes":0,' out
[ "$(grep -o '"round":' out | wc -l)" -eq 61 ] || fail "not all rounds: $(cut -c1-300 out)"
LC_ALL=C expect 0 "$GOSSIPCTL" plot n00*/state/control.sock
[ "$(head -n 1 out)" = "9 nodes, run 1, rounds 0 to 60" ] || fail "not drawn: $(cat out)"
expect 0 ctl n001 plot --x seconds
says "n001, run 1, rounds 0 to 60" out

echo "the parameters on other data"
expect 0 ctl n004 eval --data train=all.csv,test=n004/train.csv --json
loss=$(tail -n 1 n004/state/history.csv | cut -d, -f2,3)
[ "$(sed -E 's/.*"test":\{"rows":20,"loss":([^,]*),.*"rows":183,.*"accuracy":([^,]*),.*/\1,\2/' out |
    awk -F, '{ printf "%.9f,%.9f\n", $1, $2 }')" = "$(awk -F, '{ printf "%.9f,%.9f\n", $1, $2 }' <<<"$loss")" ] ||
    fail "n004 says $loss of itself, and eval: $(cat out)"
expect 0 ctl n004 eval --data train=n004/train.csv
says "n004 after round 60 of run 1, logistic:" out
grep -qE "^train +20 rows +loss 0\\.[0-9]+ +accuracy [0-9.]+ %$" out || fail "eval says: $(cat out)"
cut -d, -f2- all.csv >narrow.csv
expect 78 ctl n004 eval --data train=narrow.csv
says "these data have 11 columns, and the model takes 12" err
sed 's/1$/2/' all.csv >labels.csv
expect 78 ctl n004 eval --data train=labels.csv
says "label 2" err

echo "the next run has a file of its own; stochastic gradients"
expect 0 ctl n001 start "${run[@]}" rounds=25 batch=7 seed=3 --wait
id=$(run_id)
agrees 2 25 "${run[@]}" batch=7 seed=3

echo "stopped"
expect 0 ctl n001 start "${run[@]}" rounds=1000000
id=$(run_id)
wait_for 20 sh -c "[ \$(wc -l <n009/state/history.csv) -gt 30 ]"
expect 0 ctl n004 stop
round=$(sed -E 's/.*after round ([0-9]+).*/\1/' out)
agrees 3 "$round" "${run[@]}"

echo "ended at a target loss"
expect 0 ctl n006 start "${run[@]}" rounds=1000000 target_loss=0.3 --wait
says "9 nodes: 9 done" out
says "target loss reached: ends after round" out
round=$(sed -nE 's/.*ends after round ([0-9]+).*/\1/p' out | head -n 1)
id=$(run_id)
agrees 4 "$round" "${run[@]}"
for i in {1..9}; do tail -n 1 "n00$i/state/history.csv"; done | awk -F, '{ sum += $2 } END { exit !(sum / NR <= 0.3) }' ||
    fail "the mean loss is above the target"
expect 0 "$GOSSIP_SIM" run "${run[@]}" rounds=1000000 target_loss=0.3 --peers peers.conf --data train=all.csv --node-history sim.csv
reached=$(tail -n 1 out | sed -E 's/.* rounds=([0-9]+) .*/\1/')
[ "$reached" -le "$round" ] || fail "gossip-sim reaches the target at round $reached, the daemons at $round"
awk -F, -v r="$reached" '$1 == r - 1 { now += $2 } $1 == r - 2 { before += $2 } END { exit !(now / 9 <= 0.3 && before / 9 > 0.3) }' sim.csv ||
    fail "gossip-sim does not end at the first round that reaches the target"

echo "a file that can't be written"
stop_node n002
stop_node n007
rm n002/state/history.csv
mkdir n002/state/history.csv
start_node n002
# This one may write 8 kB a file.
(
    ulimit -f 8
    exec "$GOSSIPD" -c n007/gossipd.conf 2> >(cat >>n007.log)
) &
PID_OF[n007]=$!
PIDS+=($!)
for node in n002 n007; do wait_for 10 ctl "$node" health; done
expect 0 ctl n003 start "${run[@]}" rounds=300 --wait
expect 0 "$GOSSIP_SIM" run "${run[@]}" rounds=300 --peers peers.conf --data train=all.csv --node-history sim.csv
grep -q "history can't be written: n00[27]/state/history.csv: " n002.log || fail "n002 does not complain"
grep -q "history can't be written: n00[27]/state/history.csv: " n007.log || fail "n007 does not complain"
[ "$(grep -c "can't be written" n007.log)" -eq 1 ] || fail "n007 complains more than once"
ctl n007 status >out
says "the history can't be written" out
cmp <(measured n007/state/history.csv) <(sed -n '1p;/,n007,/p' sim.csv | measured | head -n "$(wc -l <n007/state/history.csv)") ||
    fail "what n007 could write is not whole lines"
cmp <(measured n001/state/history.csv) <(sed -n '1p;/,n001,/p' sim.csv | measured) || fail "the others' histories differ"

echo "and can again"
rmdir n002/state/history.csv
wait_for 20 recorded n002 300
cmp <(measured n002/state/history.csv) <(sed -n '1p;/,n002,/p' sim.csv | measured) || fail "n002 has not caught up"
says "written again" n002.log
ctl n002 status >out
! grep -q "can't be written" out || fail "the status still complains: $(cat out)"
stop_node n002
