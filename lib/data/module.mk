# Sources and tests of lib/data.
gossipinclude_HEADERS += lib/gossip/data.h
libgossip_core_la_SOURCES += lib/data/array.c lib/data/auto.c lib/data/batch.c lib/data/csv.c lib/data/dataset.c lib/data/idx.c \
	lib/data/internal.h lib/data/libsvm.c lib/data/lines.c lib/data/npy.c lib/data/npz.c lib/data/number.c \
	lib/data/objective.c lib/data/objective.h lib/data/objective_geman.c lib/data/objective_linear.c lib/data/objective_logistic.c \
	lib/data/objective_relu.c lib/data/objective_softmax.c lib/data/product.c lib/data/read.c lib/data/rows.h \
	lib/data/rows_body.h lib/data/rows_double_avx2.c lib/data/rows_double_avx512.c lib/data/rows_double_plain.c \
	lib/data/rows_float_avx2.c lib/data/rows_float_avx512.c lib/data/rows_float_plain.c lib/data/smoothness.c \
	lib/data/source.c lib/data/synthetic.c

check_PROGRAMS += tests/unit/test_csv tests/unit/test_dataset tests/unit/test_idx tests/unit/test_kinds tests/unit/test_libsvm tests/unit/test_npy tests/unit/test_objective tests/unit/test_rows
TESTS += tests/unit/test_csv tests/unit/test_dataset tests/unit/test_idx tests/unit/test_kinds tests/unit/test_libsvm tests/unit/test_npy tests/unit/test_objective tests/unit/test_rows
tests_unit_test_csv_SOURCES = tests/unit/test_csv.c tests/unit/data_cases.h
tests_unit_test_csv_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_csv_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_csv_LDADD = $(TEST_LIBS)
tests_unit_test_dataset_SOURCES = tests/unit/test_dataset.c tests/unit/data_cases.h
tests_unit_test_dataset_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_dataset_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_dataset_LDADD = $(TEST_LIBS)
tests_unit_test_idx_SOURCES = tests/unit/test_idx.c tests/unit/data_cases.h
tests_unit_test_idx_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_idx_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_idx_LDADD = $(TEST_LIBS)
tests_unit_test_kinds_SOURCES = tests/unit/test_kinds.c tests/unit/compress_cases.h
tests_unit_test_kinds_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_kinds_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_kinds_LDADD = $(TEST_LIBS)
tests_unit_test_libsvm_SOURCES = tests/unit/test_libsvm.c tests/unit/data_cases.h
tests_unit_test_libsvm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_libsvm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_libsvm_LDADD = $(TEST_LIBS)
tests_unit_test_npy_SOURCES = tests/unit/test_npy.c tests/unit/data_cases.h
tests_unit_test_npy_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_npy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_npy_LDADD = $(TEST_LIBS)
tests_unit_test_objective_SOURCES = tests/unit/test_objective.c tests/unit/objective_definitions.h \
	tests/unit/data_cases.h
tests_unit_test_objective_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_objective_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_objective_LDADD = $(TEST_LIBS)
tests_unit_test_rows_SOURCES = tests/unit/test_rows.c
tests_unit_test_rows_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_rows_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_rows_LDADD = $(TEST_LIBS)

# Against numpy itself; skipped where it is missing.
check_PROGRAMS += tests/npz-tool
tests_npz_tool_SOURCES = tests/npz_tool.c tests/unit/data_cases.h
tests_npz_tool_CPPFLAGS = $(TEST_CPPFLAGS)
tests_npz_tool_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_npz_tool_LDADD = $(TEST_LIBS)
dist_check_SCRIPTS += tests/numpy.sh
TESTS += tests/numpy.sh
