# libgossip-worker: the other side of a daemon's [Worker], for programs of users. It stands beside libgossip, not on it, so that
# such a program links neither OpenBLAS nor anything else that a daemon needs.
gossipinclude_HEADERS += lib/gossip/worker.h
pkgconfig_DATA += lib/libgossip-worker.pc

# The tests link the archive, users get the library; it has its own copy of the schema.
noinst_LTLIBRARIES += libgossip-worker-core.la libgossip-worker-proto.la
libgossip_worker_core_la_SOURCES = lib/worker/answer.c lib/worker/inside.h lib/worker/memory.c lib/worker/next.c \
	lib/worker/random.c lib/worker/stream.c lib/worker/worker.c
libgossip_worker_core_la_LIBADD = libgossip-worker-proto.la $(SODIUM_LIBS) $(PROTOBUF_C_LIBS)
nodist_libgossip_worker_proto_la_SOURCES = proto/worker.pb-c.c proto/worker.pb-c.h
libgossip_worker_proto_la_CFLAGS = $(GSP_CFLAGS) -w
lib_LTLIBRARIES += libgossip-worker.la
libgossip_worker_la_SOURCES =
libgossip_worker_la_LIBADD = libgossip-worker-core.la
libgossip_worker_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined -export-symbols-regex '^gsp_worker_'
lib/worker/answer.lo lib/worker/memory.lo lib/worker/next.lo lib/worker/random.lo lib/worker/stream.lo lib/worker/worker.lo \
	proto/libgossip_worker_proto_la-worker.pb-c.lo: proto/worker.pb-c.h

# An example that the tests run.
check_PROGRAMS += lib/worker/examples/linear
lib_worker_examples_linear_SOURCES = lib/worker/examples/linear.c
lib_worker_examples_linear_LDADD = libgossip-worker-core.la -lm

test_programs += tests/worker/test_worker_client
tests_worker_test_worker_client_SOURCES = tests/worker/test_worker_client.c tests/worker/client_cases.c \
	tests/worker/client_cases.h tests/worker/fake.c tests/worker/fake.h
tests_worker_test_worker_client_LDADD = libgossip-worker-core.la $(CHECK_LIBS)
