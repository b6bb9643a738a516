# The paper's experiments (./dev reproduce): shell, awk and gnuplot around the programs; nothing to compile.
EXTRA_DIST += doc/reproduce.md doc/figures tools/dev/reproduce.sh tools/reproduce/baselines.sh tools/reproduce/bytes.sh \
	tools/reproduce/common.sh tools/reproduce/daemons.sh tools/reproduce/data.sh \
	tools/reproduce/fashion.sh tools/reproduce/figure3.sh tools/reproduce/figure4.sh tools/reproduce/panels.sh \
	tools/reproduce/reference.sh tools/reproduce/theory.sh tools/reproduce/fit.awk tools/reproduce/theory_data.awk \
	tools/reproduce/theory_pl.awk tools/reproduce/curves.gp tools/reproduce/panels.gp tools/reproduce/style.gp \
	tools/reproduce/theory.gp tools/reproduce/tuning.sh tools/reproduce/data/authors_code.csv tools/reproduce/data/fashion_authors.csv \
	tools/reproduce/data/published.csv
dist_check_SCRIPTS += tests/reproduce.sh
TESTS += tests/reproduce.sh
