# Sources and tests of lib/config.
gossipinclude_HEADERS += lib/gossip/config.h
libgossip_core_la_SOURCES += lib/config/table.h lib/config/table.c lib/config/number.c lib/config/endpoint.c \
	lib/config/ini.h lib/config/ini.c lib/config/network.c lib/config/daemon_file.c lib/config/data_config.c lib/config/settings.c \
	lib/config/key.c lib/config/kind.c lib/config/public_key.c

test_programs += tests/unit/test_ini tests/unit/test_network tests/unit/test_settings
tests_libtests_la_SOURCES += tests/unit/config_cases.h
