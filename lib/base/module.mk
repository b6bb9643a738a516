# Sources and tests of lib/base.
gossipinclude_HEADERS += lib/gossip/base.h
libgossip_core_la_SOURCES += lib/base/bytes.h lib/base/reader.h lib/base/sections.c lib/base/sections.h lib/base/error.c lib/base/log.c lib/base/memory.c lib/base/rng.c lib/base/math.c lib/base/vec.c lib/base/vec.h lib/base/cpu.h

check_PROGRAMS += tests/unit/test_math tests/unit/test_rng tests/unit/test_sections tests/unit/test_vec
TESTS += tests/unit/test_math tests/unit/test_rng tests/unit/test_sections tests/unit/test_vec
tests_unit_test_sections_SOURCES = tests/unit/test_sections.c tests/unit/section_cases.h
tests_unit_test_sections_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sections_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_sections_LDADD = $(TEST_LIBS)
tests_unit_test_math_SOURCES = tests/unit/test_math.c
tests_unit_test_math_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_math_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_math_LDADD = $(TEST_LIBS)
tests_unit_test_rng_SOURCES = tests/unit/test_rng.c
tests_unit_test_rng_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_rng_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_rng_LDADD = $(TEST_LIBS)
tests_unit_test_vec_SOURCES = tests/unit/test_vec.c
tests_unit_test_vec_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_vec_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_vec_LDADD = $(TEST_LIBS)
