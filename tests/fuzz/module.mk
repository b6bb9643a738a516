# Harnesses for libFuzzer. Without --enable-fuzz they play their corpora, as tests.
fuzzers = tests/fuzz/fuzz_codec tests/fuzz/fuzz_compressor_text tests/fuzz/fuzz_control_message \
	tests/fuzz/fuzz_csv tests/fuzz/fuzz_daemon_conf tests/fuzz/fuzz_handshake tests/fuzz/fuzz_history tests/fuzz/fuzz_idx \
	tests/fuzz/fuzz_kept tests/fuzz/fuzz_libsvm tests/fuzz/fuzz_network tests/fuzz/fuzz_node_state tests/fuzz/fuzz_npy \
	tests/fuzz/fuzz_npz tests/fuzz/fuzz_peer tests/fuzz/fuzz_peer_message tests/fuzz/fuzz_records \
	tests/fuzz/fuzz_settings tests/fuzz/fuzz_talk tests/fuzz/fuzz_words
EXTRA_DIST += tests/fuzz/corpus
.PHONY: fuzz-programs
fuzz-programs: $(fuzzers) tests/fuzz/make-corpus

# A harness has no main: it gets libFuzzer's, or that of replay.c.
tests_libtests_la_SOURCES += tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/node_config.h tests/fuzz/read_data.c \
	tests/fuzz/read_data.h
check_PROGRAMS += $(fuzzers)
if FUZZ
AM_LDFLAGS += -fsanitize=fuzzer
else
tests_libtests_la_SOURCES += tests/fuzz/replay.c
TESTS += $(fuzzers)
endif

check_PROGRAMS += tests/fuzz/make-corpus
tests_fuzz_make_corpus_SOURCES = tests/fuzz/make_corpus.c tests/fuzz/talk_seeds.c tests/fuzz/talk_seeds.h
tests_fuzz_make_corpus_LDFLAGS = $(GSP_LDFLAGS)
