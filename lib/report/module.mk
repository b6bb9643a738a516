# Sources and tests of lib/report.
gossipinclude_HEADERS += lib/gossip/report.h
libgossip_core_la_SOURCES += lib/report/history.c lib/report/history_json.c lib/report/json.c lib/report/network.c \
	lib/report/page.c lib/report/page.h \
	lib/report/peers.c lib/report/peers.h lib/report/phase.c lib/report/phase.h lib/report/status.c \
	lib/report/table.c lib/report/table.h

test_programs += tests/unit/test_report tests/unit/test_report_history tests/unit/test_report_json
tests_libtests_la_SOURCES += tests/unit/report_cases.h
tests_unit_test_report_LDADD = libgossip-ctl.la $(LDADD)
tests_unit_test_report_json_LDADD = libgossip-ctl.la $(LDADD)
