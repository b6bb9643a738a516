# How the tests are run, and the tests of the project's own rules. A test of a layer stands in the layer's module.mk.

# Scripts find the sources and the programs by these; a leak, an overflow or undefined behaviour ends a sanitized test.
AM_TESTS_ENVIRONMENT = \
	abs_top_srcdir='$(abs_top_srcdir)'; export abs_top_srcdir; \
	abs_top_builddir='$(abs_top_builddir)'; export abs_top_builddir; \
	CC='$(CC)'; export CC; GSP_CFLAGS='$(GSP_CFLAGS)'; export GSP_CFLAGS; NM='$(NM)'; export NM; \
	ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:strict_string_checks=1:detect_stack_use_after_return=1; export ASAN_OPTIONS; \
	UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1; export UBSAN_OPTIONS; \
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1; export TSAN_OPTIONS; \
	: "$${CK_TIMEOUT_MULTIPLIER=$(GSP_TIMEOUT_MULTIPLIER)}"; export CK_TIMEOUT_MULTIPLIER;

dist_check_SCRIPTS += tests/layers/test_includes.sh tests/layers/test_symbols.sh tests/install/test_install.sh \
	tests/test_count.sh tests/test_links.sh
TESTS += tests/layers/test_includes.sh tests/layers/test_symbols.sh tests/install/test_install.sh tests/test_count.sh \
	tests/test_links.sh
EXTRA_DIST += tests/count.awk tests/install/program.c tests/layers/check_includes tests/layers/check_symbols tests/layers/includes.awk

# The habits of ./dev.
EXTRA_DIST += tools/dev/common.sh tools/dev/setup.sh tools/dev/build.sh tools/dev/test.sh tools/dev/format.sh \
	tools/dev/lint.sh tools/dev/demo.sh tools/dev/demo/network.sh tools/dev/demo/worker.sh tools/dev/coverage.sh \
	tools/dev/bench.sh tools/dev/fuzz.sh tools/dev/cppcheck.txt .clang-format .clang-tidy tests/.clang-tidy

# The layers of lib/, as objects and as structs, and what all these checks share.
dist_check_SCRIPTS += tests/layers/test_calls.sh tests/layers/test_structs.sh
TESTS += tests/layers/test_calls.sh tests/layers/test_structs.sh
EXTRA_DIST += tests/layers/order.awk tests/layers/code.awk tests/layers/calls.awk tests/layers/check_calls \
	tests/layers/structs.awk tests/layers/check_structs
dist_check_SCRIPTS += tests/layers/test_names.sh
TESTS += tests/layers/test_names.sh
EXTRA_DIST += tests/layers/names.awk tests/layers/check_names
