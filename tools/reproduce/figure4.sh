#!/bin/bash
# figure4: linear regression on a torus of 9, 16 and 25 nodes; more gossip steps of coarser messages, the same nominal bits a round.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/data.sh"
. "$(dirname "$0")/reference.sh"
. "$(dirname "$0")/panels.sh"
. "$(dirname "$0")/daemons.sh"

figure=4
objective=linear
dimension=2000
units_a_round=10 # Q * omega = 1, and the axis counts tenths of it
axis="transmitted coordinates, in tenths of d"
# nodes, eta (fitted: the caption says 0.1 for all), gamma, panel in published.csv, its title
panels=("9 0.2 0.05 n=9 n = 9" "16 0.2 0.05 n=16 n = 16" "25 0.1 0.05 n=25 n = 25")
# name, compressor, gossip steps
curves=("none none 1" "topk50 topk:fraction=0.5 2" "topk20 topk:fraction=0.2 5" "topk10 topk:fraction=0.1 10")
mapfile -t seeds < <(seq "${SEEDS:-3}")

if [[ -n $QUICK ]]; then
    panels=("${panels[0]}")
    curves=("${curves[3]}")
    seeds=(1)
    variant=-quick
fi

run_panels
table_of_panels
panels_within 5
panels_ordered
[[ -z $QUICK ]] || finish
gains
plot_panels "SYN-1 (linear regression), torus, gamma = 0.05: more gossip steps of fewer coordinates each"

panel_on_the_socket n=16 16
finish
