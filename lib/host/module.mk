# What the rooms of a peer have of the world outside.
gossipinclude_HEADERS += lib/gossip/host.h
libgossip_core_la_SOURCES += lib/host/actions.c lib/host/answer.c lib/host/host.c lib/host/host.h lib/host/job.c lib/host/job.h \
	lib/host/keep.c lib/host/limits.h lib/host/retry.h
