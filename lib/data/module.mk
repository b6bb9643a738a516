# Sources and tests of lib/data.
gossipinclude_HEADERS += lib/gossip/data.h
