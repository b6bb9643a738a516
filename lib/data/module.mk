# Sources and tests of lib/data.
gossipinclude_HEADERS += lib/gossip/data.h
libgossip_core_la_SOURCES += lib/data/array.c lib/data/batch.c lib/data/csv.c lib/data/dataset.c lib/data/idx.c \
	lib/data/internal.h lib/data/libsvm.c lib/data/lines.c lib/data/npy.c lib/data/npz.c lib/data/number.c \
	lib/data/objective.c lib/data/objective.h lib/data/objective_linear.c lib/data/objective_logistic.c \
	lib/data/objective_relu.c lib/data/objective_softmax.c lib/data/product.c lib/data/read.c lib/data/smoothness.c \
	lib/data/source.c lib/data/synthetic.c

check_PROGRAMS += tests/unit/test_objective
TESTS += tests/unit/test_objective
tests_unit_test_objective_SOURCES = tests/unit/test_objective.c tests/unit/data_cases.h
tests_unit_test_objective_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_objective_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_objective_LDADD = $(TEST_LIBS)
