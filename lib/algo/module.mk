# Sources and tests of lib/algo.
gossipinclude_HEADERS += lib/gossip/algo.h
EXTRA_DIST += doc/payload.md
libgossip_core_la_SOURCES += lib/algo/calibrate.c lib/algo/node.c lib/algo/node.h lib/algo/node_edge.c \
	lib/algo/node_log.c lib/algo/node_momentum.c lib/algo/node_resync.c lib/algo/node_state.c lib/algo/node_state.h lib/algo/node_state_2.c \
	lib/algo/node_work.c lib/algo/step_size.c
libgossip_core_la_SOURCES += lib/algo/consensus.c lib/algo/consensus.h lib/algo/node_lockstep.c
libgossip_core_la_SOURCES += lib/algo/graph.h lib/algo/graph.c lib/algo/graph_network.c lib/algo/graph_random.c \
	lib/algo/graph_spectrum.c lib/algo/graph_topology.c lib/algo/theory.c
codec_sources = lib/algo/ans.h lib/algo/codec.c lib/algo/coding.h lib/algo/coding_add.c lib/algo/coding_ans.c \
	lib/algo/coding_bits.c lib/algo/coding_levels.c lib/algo/coding_model.c lib/algo/coding_rice.c \
	lib/algo/coding_set.c lib/algo/coding_values.c lib/algo/compress.c lib/algo/compress_drawn.c \
	lib/algo/compress_none.c lib/algo/compress_qsgd.c lib/algo/compress_sign.c lib/algo/compress_sizes.c lib/algo/compress_topk.c \
	lib/algo/compress_topkq.c lib/algo/select.c lib/algo/select.h
libgossip_core_la_SOURCES += $(codec_sources)

# Not part of the tests: `make bench-programs`.
EXTRA_PROGRAMS = tests/bench/bench_codec
CLEANFILES += $(EXTRA_PROGRAMS)
.PHONY: bench-programs
bench-programs: $(EXTRA_PROGRAMS)
tests_bench_bench_codec_LDADD = libgossip-core.la

test_programs += tests/unit/test_calibrate tests/unit/test_codec_hostile tests/unit/test_coding \
	tests/unit/test_compress tests/unit/test_compress_plain tests/unit/test_compress_text tests/unit/test_graph \
	tests/unit/test_graph_network tests/unit/test_momentum tests/unit/test_node tests/unit/test_node_state tests/unit/test_theory
tests_libtests_la_SOURCES += tests/unit/compress_cases.h tests/unit/compress_definition.h tests/unit/graph_cases.h
# test_compress on a processor without AVX2: the codec is compiled anew for it.
tests_unit_test_compress_plain_SOURCES = tests/unit/test_compress.c $(codec_sources)
tests_unit_test_compress_plain_CPPFLAGS = $(AM_CPPFLAGS) -DGSP_PLAIN_KERNELS
