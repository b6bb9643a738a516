#!/bin/bash
# theory: what the theorem says, measured: f - f* falls like rho^T down to a floor, the floor falls like alpha^Q; so T and Q that reach eps
# grow like log(1/eps). On a strongly convex problem, and on one that is Polyak-Lojasiewicz but not convex.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/daemons.sh"

nodes=9 d=50 greatest_q=44 rounds=160
problems=("convex linear 3" "pl geman 1") # name, objective, how far the nodes' optima scatter
gossip=("compressor=topk:fraction=0.2,values=f64" gamma=0.2)
shown_q=(1 4 8 16 24 32 44)
fitted_from=8 # the smaller Q are left out of the fit of alpha: there the floor is not yet small against what the nodes disagree on

# gaps NAME BEST: round, f - f*, consensus_error.
gaps() {
    awk -F, -v best="$2" 'FNR == 1 { print "round,gap,consensus_error" } FNR > 1 { printf "%d,%.6g,%s\n", $1, $2 - best, $3 }' \
        "$OUT/runs/$1.csv" >"$OUT/runs/$1-gap.csv"
}
# Means over the last quarter of the rounds: "GAP CONSENSUS".
floor_of() {
    awk -F, -v from=$((rounds * 3 / 4)) 'FNR > 1 && $1 >= from { gap += $2; consensus += $3; n++ }
        END { printf "%.6g %.6g\n", gap / n, consensus / n }' "$OUT/runs/$1-gap.csv"
}
fit() { awk -v logarithmic="$1" -f "$HERE/fit.awk"; }

# ---- the runs of one problem; sets best, and fills runs/theory-PROBLEM-floors.csv ----

# Gradient descent in one place, with the same step size, until nothing changes any more.
find_best() {
    must_simulate "theory-$1-central" "objective=$2" rounds=3000 gossip_steps=0 "eta=$3" --nodes 1 --data "train=$OUT/runs/theory-$1-data.csv"
    best=$(tail -n 1 "$OUT/runs/theory-$1-central.csv" | cut -d, -f2)
    gaps "theory-$1-central" "$best"
}

run_problem() {
    local problem=$1 objective=$2 spread=$3 q file=$OUT/runs/theory-$1-data.csv gap consensus
    awk -v nodes=$nodes -v d=$d -v spread="$spread" -v seed=1 -f "$HERE/theory_data.awk" >"$file"
    echo "q,gap,consensus_error" >"$OUT/runs/theory-$problem-floors.csv"
    for ((q = 1; q <= greatest_q; q++)); do
        must_simulate "theory-$problem-q$q" "objective=$objective" rounds=$rounds gossip_steps=$q "${gossip[@]}" \
            --nodes $nodes --topology torus --data "train=$file"
        [[ $q -gt 1 ]] || find_best "$problem" "$objective" "$(jq .eta "$OUT/runs/theory-$problem-q1.json")"
        gaps "theory-$problem-q$q" "$best"
        read -r gap consensus <<<"$(floor_of "theory-$problem-q$q")"
        echo "$q,$gap,$consensus" >>"$OUT/runs/theory-$problem-floors.csv"
    done
}

# ---- the slopes: rho from T, alpha from Q ----

rate_of_rounds() { # NAME LEAST: rho of the part of the curve from round 20 on that is above LEAST
    awk -F, -v least="$2" 'FNR > 1 && $1 >= 20 { if ($2 <= least) exit; print $1, $2 }' "$OUT/runs/$1-gap.csv" | fit 1
}
floors() { awk -F, -v column="$2" -v from=$fitted_from 'FNR > 1 && $1 >= from { print $1, $column }' "$OUT/runs/theory-$1-floors.csv"; }

slopes() {
    local problem=$1 least rho central gap consensus rho_fit central_fit gap_fit consensus_fit
    least=$(awk -F, 'END { print 100 * $2 }' "$OUT/runs/theory-$problem-floors.csv")
    read -r rho _ rho_fit <<<"$(rate_of_rounds "theory-$problem-q$greatest_q" "$least")"
    read -r central _ central_fit <<<"$(rate_of_rounds "theory-$problem-central" "$least")"
    read -r gap _ gap_fit <<<"$(floors "$problem" 2 | fit 1)"
    read -r consensus _ consensus_fit <<<"$(floors "$problem" 3 | fit 1)"
    echo "| $problem | $(number "exp($rho)") | $(number "exp($central)") | $(number "exp($gap)") | $(number "exp($consensus)") |" \
        "$(number "exp($gap / 2)") | $rho_fit / $gap_fit / $consensus_fit |" >>"$OUT/theory.md"
    local fitted
    for fitted in "f - f* in T, Q = $greatest_q:$rho_fit" "f - f* in T, gradient descent in one place:$central_fit" \
        "the floor of f - f* in Q:$gap_fit" "the floor of the consensus error in Q:$consensus_fit"; do
        criterion "$(holds "${fitted#*:} >= 0.99")" "$problem: the logarithm of ${fitted%:*} is a straight line (R^2 = ${fitted#*:}, at least 0.99)"
    done
    within "$problem: rounds contract as gradient descent in one place does (ln rho)" "$rho" "$central" 5
    within "$problem: the floor of f - f* falls like the square of the consensus error's (ln alpha)" "$gap" "$(number "2 * $consensus")" 10
}

# ---- T and Q for eps ----

# For each eps the smallest Q whose floor is at most half of it, and the first round then at most eps.
reach_eps() {
    local problem=$1 exponent eps q round file=$OUT/runs/theory-$1-eps.csv
    echo "exponent,q,round" >"$file"
    for exponent in 2 3 4 5 6 7 8; do
        eps=1e-$exponent
        q=$(awk -F, -v eps=$eps 'FNR > 1 && $2 <= eps / 2 { print $1; exit }' "$OUT/runs/theory-$problem-floors.csv")
        [[ -n $q ]] || die "$problem: no Q up to $greatest_q reaches $eps"
        round=$(awk -F, -v eps=$eps 'FNR > 1 && $2 <= eps { print $1; exit }' "$OUT/runs/theory-$problem-q$q-gap.csv")
        echo "$exponent,$q,$round" >>"$file"
        echo "| $problem | $eps | $q | $round |" >>"$OUT/theory-eps.md"
    done
    local what column fitted
    for what in "Q:2" "T:3"; do
        column=${what#*:}
        fitted=$(awk -F, -v column="$column" 'FNR > 1 { print $1, $column }' "$file" | fit 0 | cut -d' ' -f3)
        criterion "$(holds "$fitted >= 0.95")" "$problem: ${what%:*} grows like log(1/eps) from 1e-2 to 1e-8 (R^2 = $fitted, at least 0.95)"
    done
}

echo "| problem | rho, Q = $greatest_q | rho, gradient descent in one place | alpha of f - f* | alpha of the consensus error | root of the one before last | R^2 of the fits |
|---|---|---|---|---|---|---|" >"$OUT/theory.md"
echo "| problem | eps | Q | T |
|---|---|---|---|" >"$OUT/theory-eps.md"
for row in "${problems[@]}"; do
    read -r problem objective spread <<<"$row"
    run_problem "$problem" "$objective" "$spread"
    slopes "$problem"
    reach_eps "$problem"
done
cat "$OUT/theory.md" "$OUT/theory-eps.md"

read -r pl bend odd <<<"$(awk -f "$HERE/theory_pl.awk" "$OUT/runs/theory-pl-data.csv")"
criterion "$(holds "$pl > 0 && $bend < 0 && $odd == 0")" \
    "pl: not convex (least second derivative $bend), one stationary point, Polyak-Lojasiewicz with constant $pl"

draw theory theory.gp "shown=${shown_q[*]}" "greatest=$greatest_q"

start_daemons $nodes torus --data "train=$OUT/runs/theory-pl-data.csv"
compare_with_simulator theory-daemons objective=geman rounds=40 gossip_steps=16 "${gossip[@]}" -- \
    --nodes $nodes --topology torus --data "train=$OUT/runs/theory-pl-data.csv"
stop_daemons
finish
