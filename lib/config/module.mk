# Sources and tests of lib/config.
gossipinclude_HEADERS += lib/gossip/config.h
