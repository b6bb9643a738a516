#!/bin/bash
# bytes: what the paper does not say: the bytes really sent, with the consensus step size tuned for each compressor, as payload and on the
# socket with all overhead, until the loss is 0.01. On the problems of figure 4 and of figure 3, and beside a prototype's figures.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/data.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/tuning.sh"

target=0.01 dimension=2000
bits() { if [[ $1 == - ]]; then echo "-"; else number "int($1 * 8 / $dimension + 0.5)"; fi; }
thousandths() { number "int(1000 * $1 + 0.5) / 1000"; }

# ---- tuned, and with real daemons as tuned ----

# on_the_socket COMPRESSOR Q: the tuned run once more with daemons; sets socket.
on_the_socket() {
    local words=("${problem[@]}" "rounds=$best_round" "gossip_steps=$2" "compressor=$1" "gamma=$(gamma_of "$best_k")")
    compare_with_simulator "$(run_name "$1" "$2" daemons)" "${words[@]}" -- "${rows[@]}"
    socket=$(socket_bytes)
    criterion "$(holds "$socket >= $best && $socket <= $best * 1.05 + $best_round * $2 * 200")" \
        "$1, Q = $2: the socket carries the payloads and at most 5 % and 200 bytes a message more"
}

row_of() {
    local compressor=$1 q=$2 socket
    tune "$compressor" "$q"
    if [[ $best == - ]]; then
        echo "| $compressor | $q | - | not in $most_rounds | - | - | - | $(thousandths "$(gamma_of "$auto_k")"): - |" >>"$table"
        return
    fi
    on_the_socket "$compressor" "$q"
    bytes_of["$kind $compressor $q"]=$best
    file_of["$kind $compressor $q"]=$(run_name "$compressor" "$q" "$best_k")
    echo "| $compressor | $q | $(thousandths "$(gamma_of "$best_k")") | $best_round | $(bits "$best") | $(bits "$socket") |" \
        "$(awk "BEGIN { printf \"%.0f\", 100 * ($socket / $best - 1) }") % |" \
        "$(thousandths "$(gamma_of "$auto_k")"): $(bits "$auto_bytes") |" >>"$table"
}

# tuned_table FILE NODES DATA "COMPRESSOR Q"...
tuned_table() {
    local table=$OUT/$1 row
    rows=(--nodes "$2" --topology torus --data "$3")
    echo "| compressor | Q | gamma, tuned | rounds to $target | bits a coordinate, sent | on the socket | more | with gamma=auto |
|---|---|---|---|---|---|---|---|" >"$table"
    start_daemons "$2" torus --data "$3"
    shift 3
    for row in "$@"; do row_of "${row% *}" "${row##* }"; done
    stop_daemons
    cat "$table"
}

declare -A bytes_of=() file_of=()
kind=syn1 most_rounds=80
problem=(objective=linear eta=0.2 l2=0.001 init=normal)
tuned_table bytes.md 16 "$(synthetic linear 1)" "none 1" "qsgd:bits=8 1" "qsgd:bits=6 1" "qsgd:bits=4 1" "qsgd:bits=2 1" "qsgd:bits=2 4" \
    "qsgd:bits=1 4" "qsgd:bits=4,bucket=128 1" "sign:bucket=128 1" "topk:fraction=0.1 1" "topk:fraction=0.1 10" "topk:fraction=0.2 5" \
    "topk:fraction=0.5 2" "randk:fraction=0.1 10"
for row in "qsgd:bits=8 1" "qsgd:bits=4 1" "qsgd:bits=1 4"; do
    criterion "$(less "${bytes_of[syn1 $row]:--}" "$(number "${bytes_of[syn1 none 1]:-0} / 3")" && echo 0 || echo 1)" \
        "tuned, $row sends less than a third of what the uncompressed method does"
done

kind=syn2 most_rounds=300
problem=(objective=relu eta=0.1 l2=0.001 init=normal)
tuned_table bytes-figure3.md 9 "$(synthetic relu 1)" "none 1" "qsgd:bits=8 1" "qsgd:bits=4 1" "qsgd:bits=4 2" "qsgd:bits=2 4"

# ---- beside the prototype ----

# What it found in entropy-coded bits a coordinate, with eta = 0.1.
prototype=("none 1 1408" "qsgd:bits=8 1 188" "qsgd:bits=6 1 115" "qsgd:bits=4 1 113" "qsgd:bits=2 4 122" "qsgd:bits=1 4 85")
kind=prototype most_rounds=120
problem=(objective=linear eta=0.1 l2=0.001 init=normal)
rows=(--nodes 16 --topology torus --data "$(synthetic linear 1)")
{
    echo "| compressor | Q | gamma, tuned | rounds to $target | bits a coordinate, sent | the prototype's estimate |"
    echo "|---|---|---|---|---|---|"
    for row in "${prototype[@]}"; do
        read -r compressor q estimate <<<"$row"
        tune "$compressor" "$q"
        [[ $best != - ]] || die "$compressor, Q = $q: not in $most_rounds rounds"
        echo "| $compressor | $q | $(thousandths "$(gamma_of "$best_k")") | $best_round | $(bits "$best") | $estimate |"
    done
} >"$OUT/bytes-prototype.md"
cat "$OUT/bytes-prototype.md"

# ---- the plot ----

files="" legends="" dashes="" # the second pattern for those that lie on the first
for row in "1 none 1" "2 qsgd:bits=8 1" "1 qsgd:bits=4 1" "1 qsgd:bits=2 4" "1 qsgd:bits=1 4" "2 sign:bucket=128 1" "1 topk:fraction=0.1 1" \
    "1 topk:fraction=0.1 10"; do
    read -r dash compressor q <<<"$row"
    [[ -n ${file_of[syn1 $compressor $q]:-} ]] || continue # it did not get there
    files+="${file_of[syn1 $compressor $q]} "
    legends+="\"$compressor, Q = $q\" "
    dashes+="$dash "
done
draw bytes curves.gp "heading=SYN-1, torus of 16, gamma tuned for each compressor: rounds, and bits really sent" panels=2 \
    "ylabel=loss of the mean parameters" ycolumn=2 ymin=0.002 ymax=2 ylog=1 \
    "title_1=against rounds" "files_1=$files" "legends_1=$legends" xlabel_1=round xcolumn_1=1 xscale_1=1 xmax_1=80 "dashes_1=$dashes" \
    "title_2=against bits (the same colours)" "files_2=$files" "legends_2=$legends" "xlabel_2=payload to one neighbour, bits a coordinate" xcolumn_2=4 \
    xscale_2=0.004 xmin_2=1 xmax_2=3000 key_2=none "dashes_2=$dashes"
finish
