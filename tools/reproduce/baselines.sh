#!/bin/bash
# baselines: other methods are plain settings; their curves beside DeLi-CoCo's, on SYN-1, SYN-2 and Fashion-MNIST.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/daemons.sh"
. "$(dirname "$0")/data.sh"

# Each method by the settings that make it; nothing else differs.
methods=(local choco dgd central delicoco)
declare -A settings_of=(
    [delicoco]="compressor=topk:fraction=0.1 gossip_steps=10 gamma=auto"
    [choco]="compressor=topk:fraction=0.1 gossip_steps=1 gamma=auto"
    [dgd]="compressor=none:values=f64 gossip_steps=1 gamma=1"
    [local]="gossip_steps=0"
    [central]="compressor=none:values=f64 gossip_steps=1 gamma=1" # and --topology complete
)
legends='"local GD: Q = 0" "CHOCO-GD: topk 10 %, Q = 1" "DGD: uncompressed, Q = 1" "centralised GD: complete graph" "DeLi-CoCo: topk 10 %, Q = 10"'

# run_methods PROBLEM NODES SETTING... -- WORD...
run_methods() {
    local problem=$1 nodes=$2 method settings=() topology own
    shift 2
    while [[ $1 != -- ]]; do
        settings+=("$1")
        shift
    done
    shift
    for method in "${methods[@]}"; do
        read -r -a own <<<"${settings_of[$method]}"
        topology=torus
        [[ $method != central ]] || topology=complete
        must_simulate "baselines-$problem-$method" "${settings[@]}" "${own[@]}" --nodes "$nodes" --topology $topology "$@"
    done
    must_simulate "baselines-$problem-one" "${settings[@]}" gossip_steps=0 --nodes 1 "$@"
}
last() { tail -n 1 "$OUT/runs/baselines-$1-$2.csv" | cut -d, -f2; }
spread() { tail -n 1 "$OUT/runs/baselines-$1-$2.csv" | cut -d, -f3; }

judge() {
    local problem=$1 method
    for method in "${methods[@]}"; do
        echo "| $problem | $method | $(number "$(last "$problem" "$method")") | $(number "$(spread "$problem" "$method")") |" \
            "$(jq '.payload_bytes | floor' "$OUT/runs/baselines-$problem-$method.json") |" >>"$OUT/baselines.md"
    done
    criterion "$(awk -F, 'FNR == NR { one[$1] = $2; next }
        FNR > 1 { apart = $2 / one[$1] - 1; if (apart > 1e-4 || apart < -1e-4) bad = 1 } END { print bad + 0 }' \
        "$OUT/runs/baselines-$problem-one.csv" "$OUT/runs/baselines-$problem-central.csv")" \
        "$problem: the complete graph's curve is that of gradient descent on all rows in one place (each round within 1e-4)"
    criterion "$(holds "$(last "$problem" delicoco) < $(last "$problem" choco) && $(last "$problem" choco) < $(last "$problem" local)")" \
        "$problem: DeLi-CoCo ends lower than CHOCO-GD with the same compressor, and that lower than local GD"
    criterion "$(holds "$(last "$problem" delicoco) <= 1.1 * $(last "$problem" central)")" "$problem: DeLi-CoCo ends within 10 % of centralised GD"
    criterion "$(holds "$(last "$problem" delicoco) <= 1.1 * $(last "$problem" dgd)")" "$problem: DeLi-CoCo ends within 10 % of DGD, which sends everything"
}

echo "| problem | method | loss of the mean at the end | consensus error | payload bytes to one neighbour |
|---|---|---|---|---|" >"$OUT/baselines.md"
run_methods syn1 16 objective=linear rounds=60 eta=0.2 l2=0.001 -- --data "$(synthetic linear 1)"
run_methods syn2 16 objective=relu rounds=200 eta=0.1 l2=0.001 init=normal-same -- --data "$(synthetic relu 1)"
run_methods fashion 9 objective=logistic rounds=100 eta=0.05 -- --sort-labels --data "$fashion"
for problem in syn1 syn2 fashion; do judge $problem; done
cat "$OUT/baselines.md"

words=()
panel=0
for row in "syn1 SYN-1, torus of 16" "syn2 SYN-2, torus of 16" "fashion Fashion-MNIST, sorted, torus of 9"; do
    panel=$((panel + 1))
    words+=("title_$panel=${row#* }" "files_$panel=$(printf "baselines-${row%% *}-%s " "${methods[@]}")" "legends_$panel=$legends")
    words+=("tones_$panel=4 2 3 5 1" "dashes_$panel=1 1 1 1 2") # where DeLi-CoCo's dashes lie on a line both can be seen
    words+=("xlabel_$panel=round" "xcolumn_$panel=1" "xscale_$panel=1")
done
draw baselines curves.gp "heading=The same code with other settings: loss of the mean of all nodes' parameters over all rows" panels=3 \
    "ylabel=loss" ycolumn=2 ymin=0.002 ymax=10 ylog=1 ymin_3=0.25 ymax_3=0.8 "${words[@]}"

start_daemons 9 torus --data "$fashion" --sort-labels
compare_with_simulator baselines-daemons objective=logistic rounds=10 eta=0.05 compressor=none:values=f64 gossip_steps=1 gamma=1 -- \
    --nodes 9 --topology torus --sort-labels --data "$fashion"
stop_daemons
finish
