# Sources and tests of lib/report.
gossipinclude_HEADERS += lib/gossip/report.h
