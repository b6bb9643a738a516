# Sources and tests of lib/data.
gossipinclude_HEADERS += lib/gossip/data.h
libgossip_core_la_SOURCES += lib/data/arff.c lib/data/array.c lib/data/auto.c lib/data/batch.c lib/data/csv.c lib/data/dataset.c lib/data/describe.c lib/data/form.c lib/data/records.c lib/data/records.h lib/data/schema.c lib/data/schema.h \
	lib/data/text.c lib/data/text.h lib/data/text_fill.c lib/data/text_judge.c lib/data/text_slots.c lib/data/text_words.c lib/data/unpack.c \
	lib/data/idx.c lib/data/internal.h lib/data/libsvm.c lib/data/lines.c lib/data/npy.c lib/data/npz.c \
	lib/data/number.c lib/data/objective.c lib/data/objective.h lib/data/objective_geman.c lib/data/objective_linear.c lib/data/objective_plain.c \
	lib/data/objective_logistic.c lib/data/objective_mlp.c lib/data/objective_relu.c lib/data/objective_softmax.c lib/data/objective_worker.c \
	lib/data/product.c \
	lib/data/read.c lib/data/rows.h lib/data/rows_body.h lib/data/rows_double_avx2.c lib/data/rows_double_avx512.c \
	lib/data/rows_double_plain.c lib/data/rows_float_avx2.c lib/data/rows_float_avx512.c lib/data/rows_float_plain.c \
	lib/data/smoothness.c lib/data/source.c lib/data/synthetic.c

test_programs += tests/unit/test_csv tests/unit/test_dataset tests/unit/test_idx tests/unit/test_kinds tests/unit/test_tables tests/unit/test_unpack \
	tests/unit/test_libsvm tests/unit/test_npy tests/unit/test_objective tests/unit/test_objective_settings tests/unit/test_rows tests/unit/test_smoothness
tests_libtests_la_SOURCES += tests/unit/data_cases.h tests/unit/gzip.h tests/unit/objective_cases.h tests/unit/objective_definitions.h
tests_unit_test_kinds_CPPFLAGS = $(TEST_CPPFLAGS)

# Against numpy itself; skipped where it is missing.
check_PROGRAMS += tests/npz-tool
tests_npz_tool_SOURCES = tests/npz_tool.c
dist_check_SCRIPTS += tests/numpy.sh
TESTS += tests/numpy.sh
