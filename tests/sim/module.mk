# Whole networks of peers in virtual time.
test_programs += tests/sim/test_attacks tests/sim/test_crashes tests/sim/test_data tests/sim/test_false_runs \
	tests/sim/test_links tests/sim/test_listed tests/sim/test_losses tests/sim/test_peers tests/sim/test_problems tests/sim/test_problem_ends tests/sim/test_problem_fates tests/sim/test_recorded \
	tests/sim/test_reload tests/sim/test_reload_running tests/sim/test_restarts tests/sim/test_results \
	tests/sim/test_starts tests/sim/test_stops tests/sim/test_strangers tests/sim/test_summaries tests/sim/test_target
tests_sim_test_recorded_CPPFLAGS = $(TEST_CPPFLAGS)
EXTRA_DIST += tests/data/recorded-networks.txt

# The network (cluster.h), the ways to its peers (tell.h, look.h), what befalls it (fate.h), and a peer that says what a
# test wants (puppet.h).
tests_libtests_la_SOURCES += tests/sim/cluster.c tests/sim/cluster.h tests/sim/fate.c tests/sim/fate.h tests/sim/fate_draw.c \
	tests/sim/files.c tests/sim/files.h tests/sim/history.c tests/sim/inside.h tests/sim/later.c tests/sim/later.h \
	tests/sim/look.c tests/sim/look.h tests/sim/nodes.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/queue.c \
	tests/sim/reload.c tests/sim/scene.c tests/sim/scene.h tests/sim/script.c tests/sim/script.h tests/sim/tell.c tests/sim/tell.h tests/sim/wires.c
