# Sources of tools/sim.
bin_PROGRAMS += gossip-sim
gossip_sim_SOURCES = $(tools_common_sources) tools/sim/golden.c tools/sim/golden_case.c tools/sim/golden_case.h \
	tools/sim/lockstep.c tools/sim/main.c tools/sim/options.c tools/sim/plain.c tools/sim/plan.c tools/sim/run.c \
	tools/sim/shards.c tools/sim/sim.h
gossip_sim_LDADD = libgossip-core.la
