# Sources and tests of lib/store.
gossipinclude_HEADERS += lib/gossip/store.h
libgossip_core_la_SOURCES += lib/store/digest.c lib/store/history.c lib/store/history.h lib/store/history_parse.c \
	lib/store/kept.c lib/store/kept.h lib/store/kept_2.c lib/store/kept_origin.c

check_PROGRAMS += tests/unit/test_history tests/unit/test_store
TESTS += tests/unit/test_history tests/unit/test_store
tests_unit_test_history_SOURCES = tests/unit/test_history.c
tests_unit_test_history_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_history_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_history_LDADD = $(TEST_LIBS)
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/section_cases.h
tests_unit_test_store_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_store_LDADD = $(TEST_LIBS)
