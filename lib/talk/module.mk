# The daemon's side of the talk with a worker.
gossipinclude_HEADERS += lib/gossip/talk.h
libgossip_core_la_SOURCES += lib/talk/frames.c lib/talk/say.c lib/talk/talk.c lib/talk/talk.h
test_programs += tests/unit/test_talk
