# Sources and tests of lib/config.
gossipinclude_HEADERS += lib/gossip/config.h
libgossip_core_la_SOURCES += lib/config/table.h lib/config/table.c lib/config/number.c lib/config/endpoint.c \
	lib/config/ini.h lib/config/ini.c lib/config/network.c lib/config/daemon_file.c lib/config/settings.c \
	lib/config/key.c
