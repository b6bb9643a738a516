/* Small inputs of every format, good ones. */
#ifndef TESTS_FAULTS_SAMPLES_H
#define TESTS_FAULTS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_NETWORK                                                                                                 \
    "[Network]\nName = demo\nTopology = edges\n"                                                                       \
    "[Node]\nName = n001\nPublicKey = CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nEndpoint = a.example:7400\n"       \
    "[Node]\nName = n002\nPublicKey = CgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"                                  \
    "[Edge]\nBetween = n001 n002\n"
#define SAMPLE_DAEMON                                                                                                  \
    "[Daemon]\nNode = n001\nPeers = peers.conf\nPrivateKey = n001.key\nListen = 0.0.0.0:7400\nState = state\n"         \
    "[Data]\nTrain = train.csv\nTest = test.csv\n"

struct sample_file {
    const char *name;
    const uint8_t *bytes;
    size_t length;
    const char *labels_name; /* NULL: the targets are in the first */
    const uint8_t *labels;
    size_t labels_length;
};
const struct sample_file *sample_files(size_t *count);

#endif
