# Where gradients come from: rows, or a worker in another process.
gossipinclude_HEADERS += lib/gossip/problem.h
libgossip_core_la_SOURCES += lib/problem/dataset.c lib/problem/models.c lib/problem/worker.c
