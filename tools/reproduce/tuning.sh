#!/bin/bash
# tuning: gamma tuned for the fewest bytes until a loss; sourced after common.sh. gamma is 2^(-k/2), from what gamma=auto finds in
# the direction that sends less, as long as it does. Given: kind (the first part of the runs' names), target, most_rounds, problem (settings)
# and rows (gossip-sim's words for nodes and data).
# shellcheck disable=SC2034,SC2154 # those, and what is set here

run_name() { echo "bytes-$kind-$1-q$2-gamma$3" | tr ':=,' '-'; }
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
    read -r rounds bytes <<<"$(reach "$target" "$name")"
    echo "$bytes $rounds"
}
# less A B: whether A is fewer bytes than B, where "-" is infinitely many.
less() { [[ $1 != - && $1 != diverged ]] && { [[ $2 == - ]] || [[ $(holds "$1 < $2") == 0 ]]; }; }

# tune COMPRESSOR Q: sets best (bytes), best_round, best_k, auto_k, auto_bytes.
tune() {
    local k step bytes round steps="-1 1" sent # by way of a variable: a run that fails must end all
    must_simulate "$(run_name "$1" "$2" auto)" "${problem[@]}" rounds=1 "gossip_steps=$2" "compressor=$1" gamma=auto "${rows[@]}"
    auto_k=$(jq '-2 * (.gamma | log2) + 0.5 | floor' "$OUT/runs/$(run_name "$1" "$2" auto).json")
    sent=$(sent_with "$1" "$2" "$auto_k")
    read -r best best_round <<<"$sent"
    if [[ $best == diverged ]]; then
        best=- steps=1
    elif [[ $best == - ]]; then
        steps=-1 # a smaller gamma is slower still
    fi
    best_k=$auto_k
    auto_bytes=$best
    for step in $steps; do
        k=$((auto_k + step))
        while [[ $k -ge 0 && $k -le 12 ]]; do
            sent=$(sent_with "$1" "$2" "$k")
            read -r bytes round <<<"$sent"
            if less "$bytes" "$best"; then
                best=$bytes best_round=$round best_k=$k
            elif [[ $best != - || ($bytes == diverged && $step -lt 0) ]]; then
                break
            fi
            k=$((k + step))
        done
        [[ $best_k -eq $auto_k ]] || break
    done
}
