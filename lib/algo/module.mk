# Sources and tests of lib/algo.
gossipinclude_HEADERS += lib/gossip/algo.h
libgossip_core_la_SOURCES += lib/algo/calibrate.c lib/algo/node.c lib/algo/node.h lib/algo/node_log.c lib/algo/node_state.c lib/algo/node_work.c
libgossip_core_la_SOURCES += lib/algo/graph.h lib/algo/graph.c lib/algo/graph_network.c lib/algo/graph_random.c \
	lib/algo/graph_spectrum.c lib/algo/graph_topology.c lib/algo/theory.c
