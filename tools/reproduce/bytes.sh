#!/bin/bash
# bytes: what the paper does not say: the bytes really sent, with the consensus step size tuned for each compressor, as payload and on the
# socket with all overhead. SYN-1 on a torus of 16, until the loss is 0.01.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/data.sh"
. "$(dirname "$0")/daemons.sh"

target=0.01 most_rounds=80 dimension=2000
candidates=("none 1" "qsgd:bits=8 1" "qsgd:bits=6 1" "qsgd:bits=4 1" "qsgd:bits=2 1" "qsgd:bits=2 4" "qsgd:bits=1 4"
    "qsgd:bits=4,bucket=128 1" "sign:bucket=128 1" "topk:fraction=0.1 1" "topk:fraction=0.1 10" "topk:fraction=0.5 2" "randk:fraction=0.1 10")
problem=(objective=linear eta=0.2 l2=0.001 init=normal)
rows=(--nodes 16 --topology torus --data "$(synthetic linear 1)")

# ---- gamma, tuned: 2^(-k/2), from what gamma=auto finds in the direction that sends less, as long as it does ----

run_name() { echo "bytes-$1-q$2-gamma$3" | tr ':=,' '-'; }
gamma_of() { number "2 ^ (-$1 / 2)"; }

# sent_with COMPRESSOR Q K: "BYTES ROUND" at the target, "- -" if that is not reached, "diverged -".
sent_with() {
    local name rounds bytes
    name=$(run_name "$1" "$2" "$3")
    if ! simulate "$name" "${problem[@]}" "rounds=$most_rounds" "gossip_steps=$2" "compressor=$1" "gamma=$(gamma_of "$3")" "${rows[@]}"; then
        grep -q diverged "$OUT/runs/$name.log" || { cat "$OUT/runs/$name.log" >&2 && die "the run $name failed"; }
        echo "diverged -"
        return
    fi
    read -r rounds bytes <<<"$(reach $target "$name")"
    echo "$bytes $rounds"
}
# less A B: whether A is fewer bytes than B, where "-" is infinitely many.
less() { [[ $1 != - && $1 != diverged ]] && { [[ $2 == - ]] || [[ $(holds "$1 < $2") == 0 ]]; }; }

# tune COMPRESSOR Q: sets best (bytes), best_round, best_k, auto_k, auto_bytes.
tune() {
    local k step bytes round
    must_simulate "$(run_name "$1" "$2" auto)" "${problem[@]}" rounds=1 "gossip_steps=$2" "compressor=$1" gamma=auto "${rows[@]}"
    auto_k=$(jq '-2 * (.gamma | log2) + 0.5 | floor' "$OUT/runs/$(run_name "$1" "$2" auto).json")
    read -r best best_round <<<"$(sent_with "$1" "$2" "$auto_k")"
    [[ $best != diverged ]] || best=-
    best_k=$auto_k
    auto_bytes=$best
    for step in -1 1; do
        if [[ $best == - && $step -eq 1 ]]; then break; fi # a smaller gamma is slower still
        k=$((auto_k + step))
        while [[ $k -ge 0 && $k -le 12 ]]; do
            read -r bytes round <<<"$(sent_with "$1" "$2" "$k")"
            if less "$bytes" "$best"; then
                best=$bytes best_round=$round best_k=$k
            elif [[ $best != - || $bytes == diverged ]]; then
                break
            fi
            k=$((k + step))
        done
        [[ $best_k -eq $auto_k ]] || break
    done
}

tune_all() {
    local row compressor q
    echo "compressor,q,gamma,rounds,bytes" >"$OUT/bytes.csv"
    for row in "${candidates[@]}"; do
        read -r compressor q <<<"$row"
        tune "$compressor" "$q"
        bytes_of[$row]=$best
        file_of[$row]=$(run_name "$compressor" "$q" "$best_k")
        echo "\"$compressor\",$q,$(gamma_of "$best_k"),$best_round,$best" >>"$OUT/bytes.csv"
        if [[ $best == - ]]; then
            echo "| $compressor | $q | - | not in $most_rounds rounds | - | - | $(gamma_of "$auto_k"): - |"
        else
            echo "| $compressor | $q | $(number "int(1000 * $(gamma_of "$best_k") + 0.5) / 1000") | $best_round | $best |" \
                "$(number "int($best * 8 / $dimension + 0.5)") | $(number "int(1000 * $(gamma_of "$auto_k") + 0.5) / 1000"): $auto_bytes |"
        fi
    done
}

# ---- on the socket ----

# All bytes that all daemons have sent to their peers so far.
sent_by_all() {
    local node
    for node in "${names[@]}"; do ctl "$node" status --json; done | jq -s 'map(.bytes_sent) | add'
}
neighbours=4 rounds=200
few_rows=synthetic:objective=linear,samples=1600,features=2000,noise=0.05,seed=1 # messages are as long with few rows as with many

on_the_socket() {
    local row compressor q k before after payload messages
    start_daemons 16 torus --data "$few_rows"
    for row in "none 1" "qsgd:bits=8 1" "qsgd:bits=4 1" "qsgd:bits=2 4" "topk:fraction=0.1 10" "sign:bucket=128 1"; do
        read -r compressor q <<<"$row"
        name=bytes-daemons-$(echo "$compressor" | tr ':=,' '-')
        before=$(sent_by_all)
        compare_with_simulator "$name" objective=linear eta=0.02 rounds=$rounds "gossip_steps=$q" "compressor=$compressor" gamma=auto -- \
            --nodes 16 --topology torus --data "$few_rows"
        after=$(sent_by_all)
        payload=$(jq .payload_bytes "$OUT/runs/$name.json")
        messages=$((rounds * q))
        echo "| $compressor | $q | $(number "int($payload / $messages + 0.5)") |" \
            "$(number "int(($after - $before) / 16 / $neighbours / $messages + 0.5)") |" \
            "$(awk "BEGIN { printf \"%.1f\", 100 * (($after - $before) / 16 / $neighbours / $payload - 1) }") % |" >>"$OUT/bytes-socket.md"
        criterion "$(holds "$after - $before >= 16 * $neighbours * $payload && $after - $before <= 16 * $neighbours * ($payload * 1.05 + $messages * 200)")" \
            "$compressor: the socket carries the payloads and at most 5 % and 200 bytes a message more"
    done
    stop_daemons
}

declare -A bytes_of=() file_of=()
{
    echo "| compressor | Q | gamma, tuned | rounds to $target | payload bytes to one neighbour | bits a coordinate | with gamma=auto |"
    echo "|---|---|---|---|---|---|---|"
} >"$OUT/bytes.md"
tune_all >>"$OUT/bytes.md"
cat "$OUT/bytes.md"
for row in "qsgd:bits=8 1" "qsgd:bits=4 1" "qsgd:bits=1 4"; do
    criterion "$(less "${bytes_of[$row]}" "$(number "${bytes_of[none 1]} / 3")" && echo 0 || echo 1)" \
        "tuned, $row sends less than a third of what the uncompressed method does"
done

files="" legends=""
for row in "none 1" "qsgd:bits=8 1" "qsgd:bits=4 1" "qsgd:bits=2 4" "qsgd:bits=1 4" "sign:bucket=128 1" "topk:fraction=0.1 1" "topk:fraction=0.1 10"; do
    files+="${file_of[$row]} "
    legends+="\"${row% *}, Q = ${row##* }\" "
done
draw bytes curves.gp "heading=SYN-1, torus of 16, gamma tuned for each compressor: rounds, and bytes really sent" panels=2 \
    "ylabel=loss of the mean parameters" ycolumn=2 ymin=0.003 ymax=2 ylog=1 \
    "title_1=against rounds" "files_1=$files" "legends_1=$legends" xlabel_1=round xcolumn_1=1 xscale_1=1 xmax_1=100 \
    "title_2=against bytes" "files_2=$files" "legends_2=$legends" "xlabel_2=payload to one neighbour, bits a coordinate" xcolumn_2=4 \
    xscale_2=0.004 xmax_2=300

echo "| compressor | Q | payload bytes a message | bytes on the socket a message and neighbour | more |
|---|---|---|---|---|" >"$OUT/bytes-socket.md"
on_the_socket
cat "$OUT/bytes-socket.md"
finish
