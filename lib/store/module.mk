# Sources and tests of lib/store.
gossipinclude_HEADERS += lib/gossip/store.h
libgossip_core_la_SOURCES += lib/store/digest.c lib/store/history.c lib/store/history.h lib/store/history_parse.c \
	lib/store/kept.c lib/store/kept.h lib/store/kept_2.c lib/store/kept_origin.c

test_programs += tests/unit/test_history tests/unit/test_store
