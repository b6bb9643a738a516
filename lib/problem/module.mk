# Where gradients come from: rows, or a worker in another process.
gossipinclude_HEADERS += lib/gossip/problem.h lib/gossip/talk.h
libgossip_core_la_SOURCES += lib/problem/dataset.c lib/problem/talk.c lib/problem/talk.h lib/problem/talk_frames.c lib/problem/talk_say.c \
	lib/problem/worker.c
