#!/bin/bash
# gossipctl plot of CSV files: the chart in a terminal, pictures by gnuplot, and what it says about files that are none.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

# A loss that falls by a factor of ten every ten rounds is a straight line on a logarithmic axis.
awk 'BEGIN { print "round,loss,consensus_error,payload_bytes,bytes_sent,node,run"
    for (t = 0; t <= 40; t++) printf "%d,%.12g,%s,%d,%d,n001,7-00112233\n", t, 10^(-t / 10), t ? 0.5 * 0.9^t : "", 1000 * t, 5000 * t }' >a.csv
sed 's/,n001,/,n002,/; 2,$s/,0\./,0.2/' a.csv >b.csv

echo "the chart, in letters"
LC_ALL=C expect 0 "$GOSSIPCTL" plot a.csv
[ "$(head -n 1 out)" = "n001, run 7, rounds 0 to 40" ] || fail "its first line is $(head -n 1 out)"
says "loss, at the end 0.0001 (log scale)" out
says "consensus error, at the end 0.00739 (log scale)" out
[ "$(LC_ALL=C.UTF-8 awk '{ if (length > most) most = length } END { print most }' out)" -le 80 ] || fail "wider than 80: $(cat out)"
LC_ALL=C grep -q '[^ -~]' out && fail "not only letters: $(cat out)"
# The upper panel: from the upper left corner straight to the lower right one.
awk '/log scale/ { panel++ } panel == 1 && /\*/ { row++; left = index($0, "*"); if (left <= last) exit 1; last = left; if (row == 1) first = left }
    END { exit !(row == 8 && first == 10 && last >= 70) }' out || fail "no straight line: $(cat out)"
grep -q '^       1+\*' out || fail "the axis does not begin at 1: $(cat out)"
grep -q '^  0.0001+ ' out || fail "the axis does not end at 0.0001: $(cat out)"

echo "the chart, in dots"
LC_ALL=C.UTF-8 expect 0 "$GOSSIPCTL" plot a.csv b.csv --title 'two nodes'
[ "$(head -n 1 out)" = "two nodes" ] || fail "its title is $(head -n 1 out)"
grep -q '┤ ⠈⠉⠒⠒⠦⠤⢄⣀⡀$' out || fail "no dots: $(cat out)"
grep -q ' n001 .* n002' out || fail "no key: $(cat out)"
grep -q "$(printf '\033')" out && fail "colours, and no terminal: $(cat out)"

echo "against bytes"
for x in payload bytes; do LC_ALL=C expect 0 "$GOSSIPCTL" plot a.csv "--x=$x" && cp out "$x.out"; done
says "40k" payload.out
says "200k" bytes.out
expect 1 "$GOSSIPCTL" plot a.csv --x seconds
says "nothing to draw against seconds" err

echo "curves with nothing much to see"
printf 'round,loss\n0,1\n1,1.0000000000000002\n2,1\n' >flat.csv
printf 'round,loss\n0,1\n1,1.00000000000001\n2,1\n' >flatter.csv
printf 'round,loss\n0,101\n1,131\n' >edge.csv
printf 'round,loss\n9007199254740990,3\n9007199254740991,2\n9007199254740992,1\n' >late.csv
printf 'round,loss\n0,1e300\n1,2e300\n' >great.csv
printf 'round,loss,payload_bytes\n0,3,0\n1,2,0\n2,1,0\n' >silent.csv
for file in flat flatter edge late great; do LC_ALL=C expect 0 timeout 10 "$GOSSIPCTL" plot $file.csv; done
LC_ALL=C expect 0 timeout 10 "$GOSSIPCTL" plot silent.csv --x payload
printf 'round,loss\n0,0.58421\n1,0.58429\n' >narrow.csv
LC_ALL=C expect 0 "$GOSSIPCTL" plot narrow.csv
says "0.58425" out
[ "$(grep -oE '^ *0\.5842[0-9]+' out | sort | uniq -d | wc -l)" -eq 0 ] || fail "labels that are alike: $(cat out)"
printf 'round,loss,node,run\n0,2,n001,gossip-sim\n1,1,n001,gossip-sim\n' >sim.csv
LC_ALL=C expect 0 "$GOSSIPCTL" plot sim.csv
says "n001, run gossip-sim, rounds 0 to 1" out

echo "pictures"
if command -v gnuplot >/dev/null; then
    expect 0 "$GOSSIPCTL" plot a.csv b.csv --out nodes.svg --title "it's <two> nodes"
    says "nodes.svg: 2 curves" out
    [ ! -s err ] || fail "gnuplot complains: $(cat err)"
    for text in "it's &lt;two" n001 n002 "at the end 0.0001" "<text>round</text>"; do
        grep -qF "$text" nodes.svg || fail "nodes.svg does not say $text"
    done
    expect 0 "$GOSSIPCTL" plot a.csv --x bytes --out node.png
    head -c 8 node.png | cmp -s - <(printf '\211PNG\r\n\032\n') || fail "node.png is no png"
    for file in flat flatter edge late great; do expect 0 "$GOSSIPCTL" plot $file.csv --out $file.svg; done
    expect 0 "$GOSSIPCTL" plot silent.csv --x payload --out silent.svg
    expect 1 "$GOSSIPCTL" plot a.csv --out no/such/folder.svg
    [ "$(cat err)" = "gossipctl: no/such/folder.svg: No such file or directory" ] || fail "not one clear line: $(cat err)"
    [ -z "$(find . -name '*.tmp')" ] || fail "left behind: $(find . -name '*.tmp')"
fi
mkdir empty
PATH=$PWD/empty expect 1 "$GOSSIPCTL" plot a.csv --out away.svg
says "gnuplot is not installed: install it" err
[ ! -e away.svg ] || fail "a picture without gnuplot"

echo "what is no history"
expect 78 "$GOSSIPCTL" plot nowhere.csv
says "nowhere.csv: No such file" err
printf 'a,b\n1,2\n' >other.csv
expect 78 "$GOSSIPCTL" plot other.csv
says "other.csv:1: no history: its header must name the columns round and loss" err
printf 'round,loss\n0,1\n' >short.csv
expect 1 "$GOSSIPCTL" plot short.csv
says "two rounds" err
expect 64 "$GOSSIPCTL" plot a.csv --out picture.gif
says "svg or .png" err
expect 64 "$GOSSIPCTL" plot a.csv --x time
expect 3 "$GOSSIPCTL" -s nowhere.sock plot
expect 3 "$GOSSIPCTL" -s nowhere.sock history
expect 3 "$GOSSIPCTL" -s nowhere.sock eval --data train=other.csv
expect 64 "$GOSSIPCTL" history --csv --json
expect 64 "$GOSSIPCTL" history --last none
expect 64 "$GOSSIPCTL" eval
says "Give --data" err
expect 78 "$GOSSIPCTL" eval --data train=nowhere.csv
exit 0
