# The gossip messages of a run, each applied exactly once.
libgossip_core_la_SOURCES += lib/exchange/edge.c lib/exchange/exchange.c lib/exchange/exchange.h lib/exchange/gather.c \
	lib/exchange/gossip.c lib/exchange/hello.c lib/exchange/inside.h lib/exchange/line.c lib/exchange/serve.c lib/exchange/vector.c
