# Harnesses for libFuzzer. Without --enable-fuzz they play their corpora, as tests.
FUZZERS = tests/fuzz/fuzz_codec tests/fuzz/fuzz_compressor_text tests/fuzz/fuzz_control_message \
	tests/fuzz/fuzz_csv tests/fuzz/fuzz_daemon_conf tests/fuzz/fuzz_handshake tests/fuzz/fuzz_history tests/fuzz/fuzz_idx \
	tests/fuzz/fuzz_kept tests/fuzz/fuzz_libsvm tests/fuzz/fuzz_network tests/fuzz/fuzz_node_state tests/fuzz/fuzz_npy \
	tests/fuzz/fuzz_npz tests/fuzz/fuzz_peer tests/fuzz/fuzz_peer_message tests/fuzz/fuzz_records \
	tests/fuzz/fuzz_settings tests/fuzz/fuzz_words
check_PROGRAMS += $(FUZZERS) tests/fuzz/make-corpus
EXTRA_DIST += tests/fuzz/corpus
.PHONY: fuzz-programs
fuzz-programs: $(FUZZERS) tests/fuzz/make-corpus

if FUZZ
FUZZ_COMMON = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_COMMON = tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
TESTS += $(FUZZERS)
endif
FUZZ_FILES = tests/fuzz/read_data.c tests/fuzz/read_data.h $(FUZZ_COMMON)

tests_fuzz_make_corpus_SOURCES = tests/fuzz/make_corpus.c tests/fuzz/node_config.h tests/unit/section_cases.h tests/unit/wire_contents.c \
	tests/unit/wire_contents.h
tests_fuzz_make_corpus_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_make_corpus_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_fuzz_make_corpus_LDADD = $(TEST_LIBS)

tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/fuzz_codec.c $(FUZZ_COMMON)
tests_fuzz_fuzz_codec_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_codec_LDADD = libgossip-core.la
tests_fuzz_fuzz_compressor_text_SOURCES = tests/fuzz/fuzz_compressor_text.c $(FUZZ_COMMON)
tests_fuzz_fuzz_compressor_text_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_compressor_text_LDADD = libgossip-core.la
tests_fuzz_fuzz_control_message_SOURCES = tests/fuzz/fuzz_control_message.c $(FUZZ_COMMON)
tests_fuzz_fuzz_control_message_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_control_message_LDADD = libgossip-core.la
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c $(FUZZ_FILES)
tests_fuzz_fuzz_csv_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_csv_LDADD = libgossip-core.la
tests_fuzz_fuzz_daemon_conf_SOURCES = tests/fuzz/fuzz_daemon_conf.c $(FUZZ_COMMON)
tests_fuzz_fuzz_daemon_conf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_daemon_conf_LDADD = libgossip-core.la
tests_fuzz_fuzz_handshake_SOURCES = tests/fuzz/fuzz_handshake.c $(FUZZ_COMMON)
tests_fuzz_fuzz_handshake_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_handshake_LDADD = libgossip-core.la
tests_fuzz_fuzz_history_SOURCES = tests/fuzz/fuzz_history.c $(FUZZ_COMMON)
tests_fuzz_fuzz_history_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_history_LDADD = libgossip-core.la
tests_fuzz_fuzz_idx_SOURCES = tests/fuzz/fuzz_idx.c $(FUZZ_FILES)
tests_fuzz_fuzz_idx_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_idx_LDADD = libgossip-core.la
tests_fuzz_fuzz_kept_SOURCES = tests/fuzz/fuzz_kept.c $(FUZZ_COMMON)
tests_fuzz_fuzz_kept_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_kept_LDADD = libgossip-core.la
tests_fuzz_fuzz_libsvm_SOURCES = tests/fuzz/fuzz_libsvm.c $(FUZZ_FILES)
tests_fuzz_fuzz_libsvm_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_libsvm_LDADD = libgossip-core.la
tests_fuzz_fuzz_network_SOURCES = tests/fuzz/fuzz_network.c $(FUZZ_COMMON)
tests_fuzz_fuzz_network_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_network_LDADD = libgossip-core.la
tests_fuzz_fuzz_node_state_SOURCES = tests/fuzz/fuzz_node_state.c tests/fuzz/node_config.h $(FUZZ_COMMON)
tests_fuzz_fuzz_node_state_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_node_state_LDADD = libgossip-core.la
tests_fuzz_fuzz_npy_SOURCES = tests/fuzz/fuzz_npy.c $(FUZZ_FILES)
tests_fuzz_fuzz_npy_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_npy_LDADD = libgossip-core.la
tests_fuzz_fuzz_npz_SOURCES = tests/fuzz/fuzz_npz.c $(FUZZ_FILES)
tests_fuzz_fuzz_npz_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_npz_LDADD = libgossip-core.la
tests_fuzz_fuzz_peer_message_SOURCES = tests/fuzz/fuzz_peer_message.c $(FUZZ_COMMON)
tests_fuzz_fuzz_peer_message_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_peer_message_LDADD = libgossip-core.la
tests_fuzz_fuzz_records_SOURCES = tests/fuzz/fuzz_records.c $(FUZZ_COMMON)
tests_fuzz_fuzz_records_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_records_LDADD = libgossip-core.la
tests_fuzz_fuzz_settings_SOURCES = tests/fuzz/fuzz_settings.c $(FUZZ_COMMON)
tests_fuzz_fuzz_settings_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_settings_LDADD = libgossip-core.la
tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c $(FUZZ_COMMON)
tests_fuzz_fuzz_words_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_words_LDADD = libgossip-core.la
tests_fuzz_fuzz_peer_SOURCES = tests/fuzz/fuzz_peer.c tests/sim/puppet.c tests/sim/puppet.h $(CLUSTER) $(FUZZ_COMMON)
tests_fuzz_fuzz_peer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_peer_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_fuzz_fuzz_peer_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_peer_LDADD = $(TEST_LIBS)
