# Sources and tests of lib/report.
gossipinclude_HEADERS += lib/gossip/report.h
libgossip_core_la_SOURCES += lib/report/history.c lib/report/history_json.c lib/report/json.c lib/report/network.c \
	lib/report/page.c lib/report/page.h \
	lib/report/peers.c lib/report/peers.h lib/report/phase.c lib/report/phase.h lib/report/status.c \
	lib/report/table.c lib/report/table.h

check_PROGRAMS += tests/unit/test_report tests/unit/test_report_history
TESTS += tests/unit/test_report tests/unit/test_report_history
tests_unit_test_report_SOURCES = tests/unit/test_report.c tests/unit/wire_contents.c tests/unit/wire_contents.h \
	tools/ctl/advice.c tools/ctl/advice.h
tests_unit_test_report_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_report_LDADD = $(TEST_LIBS)
tests_unit_test_report_history_SOURCES = tests/unit/test_report_history.c
tests_unit_test_report_history_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_report_history_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_report_history_LDADD = $(TEST_LIBS)
