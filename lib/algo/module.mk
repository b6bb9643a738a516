# Sources and tests of lib/algo.
gossipinclude_HEADERS += lib/gossip/algo.h
