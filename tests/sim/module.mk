# Whole networks of peers in virtual time.
CLUSTER = daemon/commands.c daemon/commands.h tests/sim/cluster.c tests/sim/cluster.h tests/sim/history.c tests/sim/inside.h \
	tests/sim/later.c tests/sim/later.h tests/sim/look.c tests/sim/look.h tests/sim/nodes.c tests/sim/queue.c tests/sim/reload.c \
	tests/sim/tell.c tests/sim/tell.h tests/sim/wires.c

check_PROGRAMS += tests/sim/test_peers
TESTS += tests/sim/test_peers
tests_sim_test_peers_SOURCES = tests/sim/test_peers.c $(CLUSTER)
tests_sim_test_peers_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_peers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_peers_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_attacks
TESTS += tests/sim/test_attacks
tests_sim_test_attacks_SOURCES = tests/sim/test_attacks.c tests/sim/puppet.c tests/sim/puppet.h $(CLUSTER)
tests_sim_test_attacks_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_attacks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_attacks_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_strangers
TESTS += tests/sim/test_strangers
tests_sim_test_strangers_SOURCES = tests/sim/test_strangers.c tests/sim/puppet.c tests/sim/puppet.h $(CLUSTER)
tests_sim_test_strangers_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_strangers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_strangers_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_listed
TESTS += tests/sim/test_listed
tests_sim_test_listed_SOURCES = tests/sim/test_listed.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/script.c tests/sim/script.h $(CLUSTER)
tests_sim_test_listed_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_listed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_listed_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_summaries
TESTS += tests/sim/test_summaries
tests_sim_test_summaries_SOURCES = tests/sim/test_summaries.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/script.c tests/sim/script.h $(CLUSTER)
tests_sim_test_summaries_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_summaries_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_summaries_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_links
TESTS += tests/sim/test_links
tests_sim_test_links_SOURCES = tests/sim/test_links.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/script.c tests/sim/script.h $(CLUSTER)
tests_sim_test_links_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_links_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_links_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_false_runs
TESTS += tests/sim/test_false_runs
tests_sim_test_false_runs_SOURCES = tests/sim/test_false_runs.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/script.c tests/sim/script.h $(CLUSTER)
tests_sim_test_false_runs_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_false_runs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_false_runs_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_restarts
TESTS += tests/sim/test_restarts
tests_sim_test_restarts_SOURCES = tests/sim/test_restarts.c $(CLUSTER)
tests_sim_test_restarts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_restarts_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_restarts_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_crashes
TESTS += tests/sim/test_crashes
tests_sim_test_crashes_SOURCES = tests/sim/test_crashes.c tests/sim/fate.c tests/sim/fate.h $(CLUSTER)
tests_sim_test_crashes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_crashes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_crashes_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_starts
TESTS += tests/sim/test_starts
tests_sim_test_starts_SOURCES = tests/sim/test_starts.c $(CLUSTER)
tests_sim_test_starts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_starts_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_starts_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_stops
TESTS += tests/sim/test_stops
tests_sim_test_stops_SOURCES = tests/sim/test_stops.c tests/sim/puppet.c tests/sim/puppet.h $(CLUSTER)
tests_sim_test_stops_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_stops_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_stops_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_target
TESTS += tests/sim/test_target
tests_sim_test_target_SOURCES = tests/sim/test_target.c $(CLUSTER)
tests_sim_test_target_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_target_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_target_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_reload
TESTS += tests/sim/test_reload
tests_sim_test_reload_SOURCES = tests/sim/test_reload.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/files.c tests/sim/files.h $(CLUSTER)
tests_sim_test_reload_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_reload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_reload_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_reload_running
TESTS += tests/sim/test_reload_running
tests_sim_test_reload_running_SOURCES = tests/sim/test_reload_running.c tests/sim/puppet.c tests/sim/puppet.h tests/sim/files.c tests/sim/files.h $(CLUSTER)
tests_sim_test_reload_running_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_reload_running_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_reload_running_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_results
TESTS += tests/sim/test_results
tests_sim_test_results_SOURCES = tests/sim/test_results.c tests/sim/puppet.c tests/sim/puppet.h $(CLUSTER)
tests_sim_test_results_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_results_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_results_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_data
TESTS += tests/sim/test_data
tests_sim_test_data_SOURCES = tests/sim/test_data.c tests/sim/puppet.c tests/sim/puppet.h $(CLUSTER)
tests_sim_test_data_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_data_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_data_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_losses
TESTS += tests/sim/test_losses
tests_sim_test_losses_SOURCES = tests/sim/test_losses.c $(CLUSTER)
tests_sim_test_losses_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_losses_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_losses_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_recorded
TESTS += tests/sim/test_recorded
EXTRA_DIST += tests/data/recorded-networks.txt
tests_sim_test_recorded_SOURCES = tests/sim/test_recorded.c tests/sim/fate.c tests/sim/fate.h $(CLUSTER)
tests_sim_test_recorded_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_recorded_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_recorded_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/sim/test_problems
TESTS += tests/sim/test_problems
tests_sim_test_problems_SOURCES = tests/sim/test_problems.c tests/sim/fate.c tests/sim/fate.h $(CLUSTER)
tests_sim_test_problems_CPPFLAGS = $(TEST_CPPFLAGS)
tests_sim_test_problems_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_sim_test_problems_LDADD = $(TEST_LIBS)
