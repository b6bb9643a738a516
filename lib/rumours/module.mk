# What all nodes agree on by telling each other.
libgossip_core_la_SOURCES += lib/rumours/act.c lib/rumours/blocked.c lib/rumours/circle.c lib/rumours/flood.c lib/rumours/inside.h lib/rumours/journal.c lib/rumours/refuse.c lib/rumours/reload.c \
	lib/rumours/resolve.c lib/rumours/rumours.c lib/rumours/rumours.h lib/rumours/runstate.c lib/rumours/start.c \
	lib/rumours/stop.c lib/rumours/summary.c lib/rumours/target.c lib/rumours/words.c
