# Sources and tests of lib/base.
gossipinclude_HEADERS += lib/gossip/base.h
libgossip_core_la_SOURCES += lib/base/error.c lib/base/log.c lib/base/memory.c
