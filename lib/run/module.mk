# A run from its adoption to its result.
libgossip_core_la_SOURCES += lib/run/advance.c lib/run/answerer.c lib/run/ask.c lib/run/begin.c lib/run/checkpoint.c lib/run/describe.c lib/run/disk.c \
	lib/run/heard.c lib/run/history.c lib/run/inside.h lib/run/lost.c lib/run/makers.c lib/run/memory.c lib/run/restore.c lib/run/result.c lib/run/run.h \
	lib/run/runs.c lib/run/stages.c lib/run/step.c
