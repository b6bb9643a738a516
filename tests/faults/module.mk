# What can fail, fails: allocations here, calls of the system in tests/faults/daemon.sh.
FAULTS_LINK = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=free
FAULTS = tests/faults/allocation.c tests/faults/allocation.h

test_programs += tests/faults/test_allocation tests/faults/test_peer_memory
tests_faults_test_allocation_SOURCES = tests/faults/test_allocation.c tests/faults/samples.c tests/faults/samples.h $(FAULTS)
tests_faults_test_allocation_LDFLAGS = $(FAULTS_LINK)
tests_faults_test_peer_memory_SOURCES = tests/faults/test_peer_memory.c $(FAULTS)
tests_faults_test_peer_memory_LDFLAGS = $(FAULTS_LINK) -Wl,--wrap=gsp_peer_new

# To be preloaded; -rpath, so that libtool makes it shared.
check_LTLIBRARIES += tests/faults/libfaults.la
tests_faults_libfaults_la_SOURCES = tests/faults/system.c
tests_faults_libfaults_la_CFLAGS = $(GSP_WARNINGS) -U_FORTIFY_SOURCE
tests_faults_libfaults_la_LDFLAGS = -module -shared -avoid-version -rpath $(abs_top_builddir)
tests_faults_libfaults_la_LIBADD = -ldl
dist_check_SCRIPTS += tests/faults/daemon.sh
TESTS += tests/faults/daemon.sh
