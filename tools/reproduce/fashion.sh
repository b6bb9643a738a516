#!/bin/bash
# fashion: the form of the paper's MNIST experiments on Fashion-MNIST: two classes (labels below 5 and the others), sorted by class,
# logistic regression; what Q, the topology and the compressor do.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/data.sh"

problem=(objective=logistic eta=0.2)
rows=(--sort-labels --data "$fashion")

loss_at() { awk -F, -v round="$1" '$1 == round { print $2 }' "$OUT/runs/$2.csv"; }
last_loss() { tail -n 1 "$OUT/runs/$1.csv" | cut -d, -f2; }
accuracy() { jq .accuracy "$OUT/runs/$1.json"; }
worst() { jq '[.nodes[].accuracy] | min' "$OUT/runs/$1.json"; }
row() { echo "| $2 | $(number "$(last_loss "$1")") | $(accuracy "$1") | $(worst "$1") | $(jq '.payload_bytes | floor' "$OUT/runs/$1.json") |"; }
header="| loss | test accuracy of the mean | of the worst node | payload bytes to one neighbour |"

# ---- Q ----

central() { must_simulate fashion-central "${problem[@]}" rounds=300 gossip_steps=0 --nodes 1 --data "$fashion"; }

effect_of_q() {
    local q line at i
    local -a want
    for q in 1 5 10; do
        must_simulate fashion-q$q "${problem[@]}" rounds=300 gossip_steps=$q compressor=topk:fraction=0.5 gamma=0.5 \
            --nodes 9 --topology torus "${rows[@]}"
    done
    {
        echo "| Q, after 300 rounds $header"
        echo "|---|---|---|---|---|"
        for q in 1 5 10; do row fashion-q$q $q; done
        echo "| all rows in one place | $(number "$(last_loss fashion-central)") | $(accuracy fashion-central) | - | - |"
    } | tee "$OUT/fashion-q.md"
    while IFS=, read -r -a want; do
        q=${want[0]}
        i=1
        for at in 50 100 200 300; do
            within "Q = $q: loss at round $at against the authors' code" "$(loss_at $at "fashion-q$q")" "${want[i]}" 2
            i=$((i + 1))
        done
        within "Q = $q: test accuracy against the authors' code" "$(accuracy "fashion-q$q")" "${want[5]}" 0.5
        within "Q = $q: the worst node's accuracy against the authors' code" "$(worst "fashion-q$q")" "${want[6]}" 2
        { echo round,loss && printf '50,%s\n100,%s\n200,%s\n300,%s\n' "${want[@]:1:4}"; } >"$OUT/runs/fashion-q$q-authors.csv"
    done < <(tail -n +2 "$HERE/data/fashion_authors.csv")
    for line in "1 5" "5 10"; do
        read -r at q <<<"$line"
        criterion "$(holds "$(last_loss "fashion-q$q") < $(last_loss "fashion-q$at")")" "Q = $q ends with a lower loss than Q = $at"
    done
    draw fashion-q curves.gp "heading=Fashion-MNIST in two classes, sorted; torus of 9, topk 50 %, gamma = 0.5: the effect of Q" \
        panels=1 "ylabel=loss of the mean parameters over all rows" ycolumn=2 ymin=0.2 ymax=0.4 ylog=1 swing=even \
        "title_1=(every second round: at this step size gradient descent itself swings from round to round)" \
        "tones_1=1 2 3 7" "dashes_1=1 1 1 2" \
        "files_1=fashion-q1 fashion-q5 fashion-q10 fashion-central" 'legends_1="Q = 1" "Q = 5" "Q = 10" "all rows in one place"' \
        xlabel_1=round xcolumn_1=1 xscale_1=1 "points_1=fashion-q1-authors fashion-q5-authors fashion-q10-authors" "pointlegend=authors' code"
}

# ---- topology and number of nodes ----

effect_of_topology() {
    local nodes topology q run
    for nodes in 9 16 25; do
        for topology in ring torus complete; do
            for q in 1 5; do
                must_simulate "fashion-$topology$nodes-q$q" "${problem[@]}" rounds=100 gossip_steps=$q compressor=topk:fraction=0.5 \
                    gamma=0.5 --nodes "$nodes" --topology "$topology" "${rows[@]}"
            done
        done
    done
    {
        echo "| n, topology, Q; after 100 rounds $header"
        echo "|---|---|---|---|---|"
        for nodes in 9 16 25; do
            for topology in ring torus complete; do
                for q in 1 5; do row "fashion-$topology$nodes-q$q" "$nodes, $topology, $q"; done
            done
        done
    } | tee "$OUT/fashion-topology.md"
    for nodes in 9 16 25; do
        for q in 1 5; do
            run=$nodes-q$q
            criterion "$(holds "$(last_loss "fashion-complete$run") <= $(last_loss "fashion-torus$run") && $(last_loss "fashion-torus$run") < $(last_loss "fashion-ring$run")")" \
                "n = $nodes, Q = $q: the complete graph ends lowest, the ring highest"
            criterion "$(holds "$(worst "fashion-complete$run") > $(worst "fashion-torus$run") && $(worst "fashion-torus$run") > $(worst "fashion-ring$run")")" \
                "n = $nodes, Q = $q: the worst node is best on the complete graph, worst on the ring"
            criterion "$(holds "$(last_loss "fashion-torus$run") < $(last_loss "fashion-ring$run") && $(last_loss "fashion-complete$run") < $(last_loss "fashion-ring$run")")" \
                "n = $nodes, Q = $q: the ring ends highest"
        done
        criterion "$(holds "$(last_loss "fashion-ring$nodes-q5") < $(last_loss "fashion-ring$nodes-q1")")" \
            "n = $nodes: five gossip steps bring the ring lower than one"
    done
    local -a words=()
    for q in 1 5; do
        words+=("title_$((q / 5 + 1))=Q = $q" "xlabel_$((q / 5 + 1))=round" "xcolumn_$((q / 5 + 1))=1" "xscale_$((q / 5 + 1))=1")
        words+=("tones_$((q / 5 + 1))=1 1 1 3 3 3 2 2 2" "dashes_$((q / 5 + 1))=1 2 3 1 2 3 1 2 3") # a topology's colour, n's dashes
        words+=("files_$((q / 5 + 1))=$(for topology in ring torus complete; do for nodes in 9 16 25; do printf 'fashion-%s%s-q%s ' $topology $nodes $q; done; done)")
        words+=("legends_$((q / 5 + 1))=$(for topology in ring torus complete; do for nodes in 9 16 25; do printf '"%s, n = %s" ' $topology $nodes; done; done)")
    done
    draw fashion-topology curves.gp "heading=Fashion-MNIST in two classes, sorted; topk 50 %, gamma = 0.5: the effect of the topology" \
        panels=2 "ylabel=loss of the mean parameters, means of two rounds" ycolumn=2 ymin=0.23 ymax=0.6 ylog=1 swing=mean "${words[@]}"
}

# ---- the compressor ----

compressors=("none none" "topk topk:fraction=0.1" "randk randk:fraction=0.1" "qsgd4 qsgd:bits=4" "qsgd4b qsgd:bits=4,bucket=128")
target=0.26

effect_of_compressor() {
    local line name compressor q files_of_q=("" "") legends="" run words=()
    {
        echo "| compressor, Q; gamma found by auto, after 150 rounds $header payload bytes to a loss of $target |"
        echo "|---|---|---|---|---|---|"
    } >"$OUT/fashion-compressor.md"
    for line in "${compressors[@]}"; do
        read -r name compressor <<<"$line"
        for q in 1 5; do
            run=fashion-$name-q$q
            must_simulate "$run" "${problem[@]}" rounds=150 gossip_steps=$q "compressor=$compressor" gamma=auto \
                --nodes 9 --topology torus "${rows[@]}"
            files_of_q[q / 5]+="$run "
            echo "$(row "$run" "$compressor, $q (gamma = $(jq '.gamma * 1000 | round / 1000' "$OUT/runs/$run.json"))") $(reach $target "$run" | cut -d' ' -f2) |" \
                >>"$OUT/fashion-compressor.md"
        done
        legends+="\"$compressor\" "
        criterion "$(holds "$(worst "fashion-$name-q5") > $(worst "fashion-$name-q1")")" \
            "$compressor: with Q = 5 the worst node is more accurate than with Q = 1"
        [[ $name == none ]] || criterion "$(holds "$(last_loss "fashion-$name-q5") < 1.03 * $(last_loss fashion-none-q5)")" \
            "$compressor, Q = 5: ends within 3 % of the loss without compression"
    done
    cat "$OUT/fashion-compressor.md"
    for q in 1 5; do
        words+=("title_$((q / 5 + 1))=Q = $q, against rounds" "files_$((q / 5 + 1))=${files_of_q[q / 5]}" "legends_$((q / 5 + 1))=$legends")
        words+=("xlabel_$((q / 5 + 1))=round" "xcolumn_$((q / 5 + 1))=1" "xscale_$((q / 5 + 1))=1")
        words+=("title_$((q / 5 + 3))=Q = $q, against bytes" "files_$((q / 5 + 3))=${files_of_q[q / 5]}" "legends_$((q / 5 + 3))=$legends")
        words+=("xlabel_$((q / 5 + 3))=payload to one neighbour, kB" "xcolumn_$((q / 5 + 3))=4" "xscale_$((q / 5 + 3))=0.001")
        words+=("xmin_$((q / 5 + 3))=0.1" "xmax_$((q / 5 + 3))=3000" "key_$((q / 5 + 3))=low" "ymin_$((q / 5 + 3))=0.16")
        words+=("dashes_$((q / 5 + 1))=1 1 1 1 2" "dashes_$((q / 5 + 3))=1 1 1 1 2") # the last lies on the first
    done
    draw fashion-compressor curves.gp "heading=Fashion-MNIST in two classes, sorted; torus of 9, gamma found by auto: the effect of the compressor" \
        panels=4 rows=2 "ylabel=loss of the mean parameters, means of two rounds" ycolumn=2 ymin=0.22 ymax=0.6 ylog=1 swing=mean "${words[@]}"
}

# ---- with real daemons ----

with_daemons() {
    start_daemons 9 torus --data "$fashion" --sort-labels
    compare_with_simulator fashion-daemons "${problem[@]}" rounds=20 gossip_steps=5 compressor=topk:fraction=0.5 gamma=0.5 -- \
        --nodes 9 --topology torus "${rows[@]}"
    stop_daemons
}

central
effect_of_q
effect_of_topology
effect_of_compressor
with_daemons
finish
