# Sources and tests of lib/config.
gossipinclude_HEADERS += lib/gossip/config.h
libgossip_core_la_SOURCES += lib/config/table.h lib/config/table.c lib/config/number.c lib/config/endpoint.c \
	lib/config/ini.h lib/config/ini.c lib/config/network.c lib/config/daemon_file.c lib/config/settings.c \
	lib/config/key.c lib/config/kind.c lib/config/public_key.c

check_PROGRAMS += tests/unit/test_ini tests/unit/test_network tests/unit/test_settings
TESTS += tests/unit/test_ini tests/unit/test_network tests/unit/test_settings
tests_unit_test_ini_SOURCES = tests/unit/test_ini.c tests/unit/config_cases.h
tests_unit_test_ini_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_ini_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_ini_LDADD = $(TEST_LIBS)
tests_unit_test_network_SOURCES = tests/unit/test_network.c tests/unit/config_cases.h
tests_unit_test_network_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_network_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_network_LDADD = $(TEST_LIBS)
tests_unit_test_settings_SOURCES = tests/unit/test_settings.c tests/unit/config_cases.h
tests_unit_test_settings_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_settings_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_settings_LDADD = $(TEST_LIBS)
