#!/bin/bash
# panels: what figures 3 and 4 have in common; sourced after common.sh, data.sh and reference.sh. A figure is panels x curves x seeds of the
# data. Given: figure, objective, units_a_round (of the axis), axis (its label), dimension, panels (NODES ETA GAMMA PANEL TITLE), curves (NAME COMPRESSOR Q), seeds.
# shellcheck disable=SC2154 # those

# each COMMAND WORD...: runs the command for every panel and curve, with these set: nodes eta gamma panel title name compressor q
# curve (its name in published.csv), runs (the names of its runs).
each() {
    local panel_row curve_row
    for panel_row in "${panels[@]}"; do
        read -r nodes eta gamma panel title <<<"$panel_row"
        for curve_row in "${curves[@]}"; do
            read -r name compressor q <<<"$curve_row"
            curve="$compressor Q=$q"
            runs=()
            for seed in "${seeds[@]}"; do runs+=("figure$figure-n$nodes-gamma$gamma-$name-seed$seed"); done
            "$@"
        done
    done
}

theirs_at() { authors_reach "$figure" "$nodes" "$eta" "$gamma" "$compressor" "$q" "$1"; }

# A little more than the authors' code needs for a loss of 1e-2.
rounds_needed() {
    local round
    round=$(theirs_at 0.01)
    [[ $round != - ]] || round=${rounds_unknown:?no reference, and no number of rounds given}
    number "int($round * 1.2) + 10"
}

run_curve() {
    must_simulate "${runs[$1]}" "objective=$objective" "rounds=$(rounds_needed)" "gossip_steps=$q" "compressor=$compressor" "gamma=$gamma" \
        "eta=$eta" l2=0.001 init=normal "seed=${seeds[$1]}" --nodes "$nodes" --topology torus \
        --data "$(synthetic "$objective" "${seeds[$1]}")"
}
mean_of_curve() { mean_curve "${runs[@]}" >"$OUT/runs/${runs[0]%-seed*}-mean.csv"; }
run_panels() {
    local i
    for i in "${!seeds[@]}"; do each run_curve "$i"; done
    each mean_of_curve
}

# ---- the table ----

# shown VALUE [FACTOR]: rounded, or "-".
shown() {
    if [[ $1 == - ]]; then echo "-"; else awk "BEGIN { printf \"%.0f\", $1 * ${2:-1} }"; fi
}

rows_of_curve() {
    local level published ours bytes
    for level in 0.1 0.01; do
        published=$(published_reach "$figure" "$panel" "$curve" "$level")
        read -r ours bytes <<<"$(reach "$level" "${runs[@]}")"
        echo "| $title, eta = $eta | $curve | $level | $(shown "$published") | $(shown "$(theirs_at "$level")") | $(shown "$ours") |" \
            "$(shown "$published" "$units_a_round") | $(shown "$(theirs_at "$level")" "$units_a_round") |" \
            "$(shown "$ours" "$units_a_round") | $(shown "$bytes" "8 / $dimension") |"
    done
}
table_of_panels() {
    {
        echo "| panel | curve | loss | rounds: published | authors' code | ours | bits as in the figure: published | authors' code | ours | ours, really sent |"
        echo "|---|---|---|---|---|---|---|---|---|---|"
        each rows_of_curve
    } | tee "$OUT/figure$figure${variant:-}.md"
}

# How many times fewer rounds, and how many times fewer bits really sent, each curve needs than the panel's first.
gain_of_curve() {
    local level ours bytes first_ours first_bytes cells=""
    for level in 0.1 0.01; do
        read -r ours bytes <<<"$(reach "$level" "${runs[@]}")"
        if [[ $name == "${curves[0]%% *}" ]]; then first[$level]="$ours $bytes"; fi
        read -r first_ours first_bytes <<<"${first[$level]}"
        cells+=" $(ratio "$first_ours" "$ours") | $(ratio "$first_bytes" "$bytes") |"
    done
    echo "| $title, eta = $eta | $curve |$cells"
}
# ratio A B [FORMAT]: A / B, or "-" if one of them is.
ratio() {
    if [[ $1 == - || $2 == - ]]; then echo "-"; else awk "BEGIN { printf \"${3:-%.2f}\", $1 / $2 }"; fi
}
gains() {
    declare -A first=()
    {
        echo "| panel | curve | fewer by, to 0.1: rounds (and bits as the paper counts) | bits really sent | to 0.01: rounds | bits really sent |"
        echo "|---|---|---|---|---|---|"
        each gain_of_curve
    } | tee "$OUT/figure$figure-gains.md"
}

# ---- on the socket: the curves of one panel with real daemons, to a loss of 0.01 ----

socket_of_curve() {
    local ours bytes socket first_ours first_bytes first_socket
    [[ $panel == "$1" ]] || return 0
    read -r ours bytes <<<"$(reach 0.01 "${runs[0]}")"
    if [[ $ours == - ]]; then
        criterion 1 "$title, $curve: a loss of 0.01, to see what is sent until then"
        return
    fi
    compare_with_simulator "figure$figure-socket-$name" "objective=$objective" "rounds=$ours" "gossip_steps=$q" "compressor=$compressor" \
        "gamma=$gamma" "eta=$eta" l2=0.001 init=normal "seed=${seeds[0]}" -- --nodes "$nodes" --topology torus \
        --data "$(synthetic "$objective" "${seeds[0]}")"
    socket=$(socket_bytes)
    base=${base:-$ours $bytes $socket}
    read -r first_ours first_bytes first_socket <<<"$base"
    echo "| $curve | $ours | $(shown "$ours" "$units_a_round") | $(shown "$bytes" "8 / $dimension") | $(shown "$socket" "8 / $dimension") |" \
        "$(ratio "$first_ours" "$ours") | $(ratio "$first_bytes" "$bytes") | $(ratio "$first_socket" "$socket") |" >>"$OUT/figure$figure-socket.md"
}
# panel_on_the_socket PANEL NODES
panel_on_the_socket() {
    local base=""
    {
        echo "| curve, ${1/=/ = } | rounds to 0.01 | bits as in the figure | bits really sent | on the socket | fewer by: as in the figure | really sent | on the socket |"
        echo "|---|---|---|---|---|---|---|---|"
    } >"$OUT/figure$figure-socket.md"
    start_daemons "$2" torus --data "$(synthetic "$objective" "${seeds[0]}")"
    each socket_of_curve "$1"
    stop_daemons
    cat "$OUT/figure$figure-socket.md"
}

# ---- criteria ----

curve_within() {
    local level ours bytes
    for level in 0.1 0.01; do
        read -r ours bytes <<<"$(reach "$level" "${runs[@]}")"
        within "$title, $curve: rounds to a loss of $level against the authors' code" "$ours" "$(theirs_at "$level")" "$1" 1
    done
}
# panels_within PERCENT: every curve, or within one round.
panels_within() { each curve_within "$1"; }

# panels_in_ratio PERCENT: a curve's rounds divided by those of the panel's first curve, against the authors' code.
curve_in_ratio() {
    local level ours theirs bytes
    for level in 0.1 0.01; do
        read -r ours bytes <<<"$(reach "$level" "${runs[@]}")"
        theirs=$(theirs_at "$level")
        if [[ $name == "${curves[0]%% *}" ]]; then
            first[$level]="$ours $theirs"
        else
            read -r our_first their_first <<<"${first[$level]}"
            within "$title, $curve: rounds to $level in parts of the panel's first curve" "$(ratio "$ours" "$our_first" %.10g)" \
                "$(ratio "$theirs" "$their_first" %.10g)" "$1"
        fi
    done
}
panels_in_ratio() {
    local our_first their_first
    declare -A first=()
    each curve_in_ratio "$1"
}

# sooner ROUND ROUND: whether the first is less; "-" is never. Prints 0 if so, else 1.
sooner() { holds "${1/#-/1e300} < ${2/#-/1e300}"; }

# The rounds of every curve are fewer than those of the curve before, as published.
curve_ordered() {
    local level ours bytes before
    for level in 0.1 0.01; do
        read -r ours bytes <<<"$(reach "$level" "${runs[@]}")"
        before=${reached[$title $level]:-}
        [[ -z $before ]] || criterion "$(sooner "$ours" "$before")" \
            "$title, $curve: a loss of $level in fewer rounds than the curve before it (${ours/#-/never} < ${before/#-/never})"
        reached[$title $level]=$ours
    done
}
panels_ordered() {
    declare -A reached=()
    each curve_ordered
}

# ---- the plot: for each panel and curve ours (a line), the authors' code (dashes) and what was published (points) ----

curve_files() {
    local base=$OUT/runs/${runs[0]%-seed*}
    authors_curve "$figure" "$nodes" "$eta" "$gamma" "$compressor" "$q" >"$base-authors.csv"
    published_curve "$figure" "$panel" "$curve" >"$base-published.csv"
}
plot_panels() {
    local row stems="" titles="" names="" bits=""
    each curve_files
    for row in "${panels[@]}"; do
        read -r nodes eta gamma panel title <<<"$row"
        stems+="figure$figure-n$nodes-gamma$gamma "
        titles+="\"$title, eta = $eta\" "
    done
    for row in "${curves[@]}"; do
        read -r name compressor q <<<"$row"
        names+="$name "
        bits+="\"$compressor, Q = $q\" "
    done
    draw "figure$figure${variant:-}" panels.gp "heading=$1" "stems=$stems" "titles=$titles" "names=$names" "legends=$bits" \
        "scale=$units_a_round" "axis=$axis" xcolumn=1 references=1
    [[ -n ${variant:-} ]] || draw "figure$figure-bytes" panels.gp "heading=$1; as really sent" "stems=$stems" "titles=$titles" \
        "names=$names" "legends=$bits" "scale=$(number "8 / $dimension")" "axis=payload to one neighbour, bits a coordinate" xcolumn=4 references=0
}
