# Sources and tests of lib/base.
gossipinclude_HEADERS += lib/gossip/base.h
libgossip_core_la_SOURCES += lib/base/bytes.h lib/base/reader.h lib/base/sections.c lib/base/sections.h \
	lib/base/error.c lib/base/log.c lib/base/memory.c lib/base/rng.c lib/base/math.c lib/base/vec.c lib/base/vec.h \
	lib/base/cpu.h

test_programs += tests/unit/test_math tests/unit/test_rng tests/unit/test_sections tests/unit/test_vec
tests_libtests_la_SOURCES += tests/unit/section_cases.h
