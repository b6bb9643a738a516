# Sources and tests of lib/wire.
gossipinclude_HEADERS += lib/gossip/wire.h
