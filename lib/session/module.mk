# Sources and tests of lib/session.
gossipinclude_HEADERS += lib/gossip/session.h
