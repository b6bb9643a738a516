#!/bin/bash
# figure3: the paper's problem that is not convex, on a torus; more gossip steps of fewer bits a coordinate, the same nominal bits a round.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/data.sh"
. "$(dirname "$0")/reference.sh"
. "$(dirname "$0")/panels.sh"
. "$(dirname "$0")/daemons.sh"

figure=3
objective=relu
dimension=2000
units_a_round=8 # Q b
axis="bits a coordinate, as the paper counts"
curves=("q8 qsgd:bits=8 1" "q4 qsgd:bits=4 2" "q2 qsgd:bits=2 4")

# With the parameters that give the published curves.
panels=("9 0.1 0.05 gamma=0.05 gamma = 0.05" "9 0.05 0.1 gamma=0.1 gamma = 0.1" "9 0.05 0.15 gamma=0.15 gamma = 0.15")
mapfile -t seeds < <(seq "${SEEDS:-10}")
run_panels
table_of_panels
panels_within 10
panels_in_ratio 5
panels_ordered
gains
plot_panels "SYN-2 (ReLU regression), torus of 9 nodes: more gossip steps of fewer bits each (mean of ${#seeds[@]} data sets)"

panel_on_the_socket gamma=0.05 9

# With the caption's number of nodes, for what it shows: the order is the same, the rounds are others.
variant=-caption
panels=("16 0.1 0.05 gamma=0.05 gamma = 0.05" "16 0.05 0.1 gamma=0.1 gamma = 0.1" "16 0.05 0.15 gamma=0.15 gamma = 0.15")
seeds=(1)
rounds_unknown=800 # no curve needs more than twice what the figure shows
run_panels
table_of_panels
panels_ordered
plot_panels "SYN-2 (ReLU regression), torus of 16 nodes as in the caption, against the published curves"

finish
