# Sources and tests of lib/algo.
gossipinclude_HEADERS += lib/gossip/algo.h
EXTRA_DIST += doc/payload.md
libgossip_core_la_SOURCES += lib/algo/calibrate.c lib/algo/node.c lib/algo/node.h lib/algo/node_edge.c lib/algo/node_log.c lib/algo/node_resync.c lib/algo/node_state.c lib/algo/node_state.h lib/algo/node_state_2.c lib/algo/node_work.c
libgossip_core_la_SOURCES += lib/algo/consensus.c lib/algo/consensus.h lib/algo/node_lockstep.c
libgossip_core_la_SOURCES += lib/algo/graph.h lib/algo/graph.c lib/algo/graph_network.c lib/algo/graph_random.c \
	lib/algo/graph_spectrum.c lib/algo/graph_topology.c lib/algo/theory.c
libgossip_core_la_SOURCES += lib/algo/ans.h lib/algo/codec.c lib/algo/coding.h \
	lib/algo/coding_add.c lib/algo/coding_ans.c lib/algo/coding_bits.c lib/algo/coding_levels.c \
	lib/algo/coding_model.c lib/algo/coding_rice.c lib/algo/coding_set.c lib/algo/coding_values.c lib/algo/compress.c \
	lib/algo/compress_drawn.c lib/algo/compress_none.c lib/algo/compress_qsgd.c lib/algo/compress_sign.c \
	 lib/algo/compress_topk.c lib/algo/compress_topkq.c lib/algo/select.c lib/algo/select.h

# Not part of the tests: `make bench-programs`.
EXTRA_PROGRAMS = tests/bench/bench_codec
CLEANFILES += $(EXTRA_PROGRAMS)
.PHONY: bench-programs
bench-programs: $(EXTRA_PROGRAMS)
tests_bench_bench_codec_SOURCES = tests/bench/bench_codec.c
tests_bench_bench_codec_LDADD = libgossip-core.la

check_PROGRAMS += tests/unit/test_compress tests/unit/test_compress_plain tests/unit/test_compress_text \
	tests/unit/test_codec_hostile tests/unit/test_coding
TESTS += tests/unit/test_compress tests/unit/test_compress_plain tests/unit/test_compress_text \
	tests/unit/test_codec_hostile tests/unit/test_coding
tests_unit_test_compress_SOURCES = tests/unit/test_compress.c tests/unit/compress_cases.h
tests_unit_test_compress_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_compress_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_compress_LDADD = $(TEST_LIBS)
# The same on a processor without AVX2: the codec is compiled anew for it.
tests_unit_test_compress_plain_SOURCES = tests/unit/test_compress.c tests/unit/compress_cases.h lib/algo/codec.c \
	lib/algo/coding_add.c lib/algo/coding_ans.c lib/algo/coding_bits.c lib/algo/coding_levels.c \
	lib/algo/coding_model.c lib/algo/coding_rice.c lib/algo/coding_set.c lib/algo/coding_values.c \
	lib/algo/compress.c lib/algo/compress_drawn.c lib/algo/compress_none.c lib/algo/compress_qsgd.c \
	lib/algo/compress_sign.c lib/algo/compress_topk.c lib/algo/compress_topkq.c lib/algo/select.c
tests_unit_test_compress_plain_CPPFLAGS = $(TEST_CPPFLAGS) -DGSP_PLAIN_KERNELS
tests_unit_test_compress_plain_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_compress_plain_LDADD = $(TEST_LIBS)
tests_unit_test_compress_text_SOURCES = tests/unit/test_compress_text.c tests/unit/compress_cases.h
tests_unit_test_compress_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_compress_text_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_compress_text_LDADD = $(TEST_LIBS)
tests_unit_test_codec_hostile_SOURCES = tests/unit/test_codec_hostile.c tests/unit/compress_cases.h
tests_unit_test_codec_hostile_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_codec_hostile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_codec_hostile_LDADD = $(TEST_LIBS)
tests_unit_test_coding_SOURCES = tests/unit/test_coding.c tests/unit/compress_cases.h
tests_unit_test_coding_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_coding_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_coding_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_node tests/unit/test_node_state
TESTS += tests/unit/test_node tests/unit/test_node_state
tests_unit_test_node_state_SOURCES = tests/unit/test_node_state.c tests/unit/section_cases.h tests/fuzz/node_config.h
tests_unit_test_node_state_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_node_state_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_node_state_LDADD = $(TEST_LIBS)
tests_unit_test_node_SOURCES = tests/unit/test_node.c
tests_unit_test_node_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_node_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_node_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_calibrate
TESTS += tests/unit/test_calibrate
tests_unit_test_calibrate_SOURCES = tests/unit/test_calibrate.c
tests_unit_test_calibrate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_calibrate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_calibrate_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_graph tests/unit/test_theory
TESTS += tests/unit/test_graph tests/unit/test_theory
tests_unit_test_graph_SOURCES = tests/unit/test_graph.c tests/unit/config_cases.h
tests_unit_test_graph_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_graph_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_graph_LDADD = $(TEST_LIBS)
tests_unit_test_theory_SOURCES = tests/unit/test_theory.c tests/unit/config_cases.h
tests_unit_test_theory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_theory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_theory_LDADD = $(TEST_LIBS)
