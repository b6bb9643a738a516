/* Writes inputs for the harnesses to start from: real files and messages, in FOLDER/NAME/ for fuzz_NAME. They are the
 * same each time. `./dev fuzz --corpus` then keeps of them, and of what fuzzing found, what reaches different code. */
#include <assert.h>
#include <errno.h>
#include <gossip/algo.h>
#include <gossip/data.h>
#include <gossip/session.h>
#include <gossip/store.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "node_config.h"
#include "talk_seeds.h"
#include "unit/section_cases.h"
#include "unit/wire_contents.h"

static const char *folder;
static unsigned written;

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) && errno != EEXIST) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* The first byte or bytes that a harness wants, then the rest. */
static void write_seed(const char *harness, const char *head, size_t head_length, const void *bytes, size_t length)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, harness);
    make_folder(path);
    snprintf(path, sizeof path, "%s/%s/seed-%03u", folder, harness, written++);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(head, 1, head_length, file) == head_length && fwrite(bytes, 1, length, file) == length;
    if ((file && fclose(file)) || !good) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static void write_text(const char *harness, const char *text)
{
    write_seed(harness, "", 0, text, strlen(text));
}

/* ---- files of text ---- */

static void add_node(char *text, size_t size, int number, const char *more)
{
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
    char encoded[45];
    gsp_stream_key(secret, (uint64_t)number, "corpus", "key");
    int rc = gsp_public_key(public_key, secret);
    assert(!rc);
    gsp_key_encode(encoded, public_key);
    size_t used = strlen(text);
    snprintf(text + used, size - used, "\n[Node]\nName = n%03d\nPublicKey = %s\n%s", number, encoded, more);
}

static void networks(void)
{
    static const char *const heads[] = {"Topology = ring", "Topology=complete\nWeights = uniform", "Topology = star",
                                        "Topology = random:degree=2,seed=5 # drawn"};
    char text[4096];
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        snprintf(text, sizeof text, "[Network]\nName = demo\n%s\n", heads[i]);
        for (int node = 1; node <= 5; node++)
            add_node(text, sizeof text, node, node % 2 ? "Endpoint = a.example:7400\n" : "Endpoint = [::1]:80\n");
        write_text("network", text);
    }
    snprintf(text, sizeof text, "[Network]\nName = demo\nTopology = edges\nWeights = explicit\n");
    for (int node = 1; node <= 3; node++) add_node(text, sizeof text, node, "");
    strcat(text, "[Edge]\nBetween = n001 n002\nWeight = 0.25\n[Edge]\nBetween = n002 n003\nWeight = 0.5\n");
    write_text("network", text);
}

static void words_and_settings(void)
{
    static const char *const words[] = {"0",          "18446744073709551615",
                                        "-1.5e-300",  "0.1",
                                        "1e400",      "a.example:7400",
                                        "[::1]:7400", "1.2.3.4:0",
                                        "torus",      "random:degree=4,seed=1",
                                        "hypercube",  "grid",
                                        "n001.a-b",   "7zG0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM="};
    static const char *const compressors[] = {"none",
                                              "topk:fraction=0.1",
                                              "randk:fraction=0.5,values=bf16",
                                              "dropout:p=0.8,unbiased",
                                              "qsgd:bits=4,bucket=37",
                                              "sign:bucket=64,values=f64",
                                              "topk:fraction=1e-3"};
    static const char *const settings[] = {"rounds=10",
                                           "compressor=topk:fraction=0.3",
                                           "init=file:x.npy",
                                           "eta=auto",
                                           "objective=softmax\nclasses=10\nl2=1e-4\nbatch=32\n",
                                           "timeout=2.5"};
    struct gsp_settings defaults;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) write_text("words", words[i]);
    for (size_t i = 0; i < sizeof compressors / sizeof *compressors; i++) write_text("compressor_text", compressors[i]);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) write_text("settings", settings[i]);
    gsp_settings_default(&defaults);
    char *text = gsp_settings_format(&defaults);
    assert(text);
    write_text("settings", text);
    free(text);
}

static void daemon_files(void)
{
    write_text("daemon_conf", "[Daemon]\nNode = n001\nPeers = ../peers.conf\nPrivateKey = n001.key\nListen = "
                              "0.0.0.0:7400\nState = state\n[Data]\nTrain = train.csv # rows\n");
    write_text("daemon_conf", "[Daemon]\nNode=n2\nPeers=p\nPrivateKey=k\nState=s\n[Data]\nTrain=a-idx3-ubyte.gz\n"
                              "Labels=b\nTest=c\nTestLabels=d\nBias=yes\nFeatures=784\n");
}

/* ---- data ---- */

static void text_data(void)
{
    static const char plain[] = "\0", biased[] = "\1", labelled[] = "\2\6\0", wide[] = "\x41";
    write_seed("csv", plain, 1, "1,2,0\n3,4.5,1\n-1e3,0x,1\n", 24);
    write_seed("csv", biased, 1, "a;b;label\r\n1;2;0\r\n3;4;1\r\n", 26);
    write_seed("csv", labelled, 3, "1\t2\n3\t0\n1\n", 11);
    write_seed("libsvm", plain, 1, "1 1:0.5 3:2 # note\n-1 2:1e-3\n0\n", 32);
    write_seed("libsvm", wide, 1, "0 qid:3 1:1\n1 4:2\n", 18);
}

static struct gsp_dataset *synthetic(void)
{
    struct gsp_dataset *dataset = NULL;
    int rc = gsp_dataset_synthetic(&dataset, "objective=linear,samples=4,features=3,seed=1", NULL);
    assert(!rc);
    return dataset;
}

/* x and y as wrapped npz and as two npy files; the archive itself. */
static void numpy_data(void)
{
    struct gsp_dataset *dataset = synthetic();
    struct gsp_buffer x = {0}, y = {0}, both = {0};
    int rc = gsp_npy_write(dataset->features, 12, 4, &x);
    if (!rc) rc = gsp_npy_write(dataset->targets, 4, 0, &y);
    if (!rc) rc = gsp_buffer_append(&both, x.data, x.length);
    if (!rc) rc = gsp_buffer_append(&both, y.data, y.length);
    assert(!rc);
    const char labelled[] = {2, (char)(uint8_t)x.length, (char)(x.length >> 8)};
    const char wrapped[] = {4, labelled[1], labelled[2]};
    write_seed("npy", "\0", 1, x.data, x.length);
    write_seed("npy", labelled, 3, both.data, both.length);
    write_seed("npz", wrapped, 3, both.data, both.length);
    /* Other types, by their names in the header; the numbers are then others, too. */
    static const char *const types[] = {"<f4", ">f8", "|u1", "<i2", ">i4", "<i8", "|b1", "<f2"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        uint8_t *at = memchr(both.data, '<', both.length);
        memcpy(at, types[i], 3);
        write_seed("npy", labelled, 3, both.data, both.length);
        memcpy(at, "<f8", 3);
    }
    x.length = 0;
    rc = gsp_dataset_write_npz(dataset, false, &x, NULL);
    assert(!rc);
    write_seed("npz", "\0", 1, x.data, x.length);
    gsp_buffer_clear(&x);
    gsp_buffer_clear(&y);
    gsp_buffer_clear(&both);
    gsp_dataset_free(dataset);
}

static void idx_data(void)
{
    static const char images[] = "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2\1\2\3\4\5\6\7\377",
                      labels[] = "\0\0\10\1\0\0\0\2\1\0";
    enum { IMAGES = sizeof images - 1, LABELS = sizeof labels - 1 };
    char both[IMAGES + LABELS];
    memcpy(both, images, IMAGES);
    memcpy(both + IMAGES, labels, LABELS);
    const char plain[] = {2, IMAGES, 0}, wrapped[] = {6, IMAGES, 0};
    write_seed("idx", plain, 3, both, sizeof both);
    write_seed("idx", wrapped, 3, both, sizeof both);
}

/* ---- messages ---- */

static void messages(void)
{
    for (int type = GSP_MSG_WELCOME; type <= GSP_MSG_CLOSE; type++)
        for (int seed = 0; seed < 3; seed++) {
            struct gsp_message message;
            size_t length;
            uint8_t *bytes = packed_message(seed, (enum gsp_message_type)type, &message, &length);
            write_seed("peer_message", "", 0, bytes, length);
            /* As a record of a stream, and as the first event for a peer. */
            const char prefix[] = {(char)(uint8_t)length, (char)(length >> 8), 0, 0};
            char record[] = {0, -1, -1, (char)(length + 3 < 255 ? length + 3 : 255), prefix[0], prefix[1], 0, 0};
            if (length < 252) write_seed("records", record, sizeof record, bytes, length);
            char event[] = {0, prefix[0], prefix[1]};
            write_seed("peer", event, sizeof event, bytes, length);
            gsp_message_clear(&message);
            free(bytes);
        }
}

static void control_messages(void)
{
    for (int seed = 0; seed < 12; seed++) {
        struct gsp_stream stream = stream_of(seed, "corpus");
        struct gsp_request request;
        struct gsp_reply reply;
        struct gsp_buffer packed = {0};
        char settings[256];
        any_request(&stream, &request, settings, sizeof settings);
        int rc = gsp_request_pack(&request, &packed);
        assert(!rc);
        write_seed("control_message", "\1", 1, packed.data + 4, packed.length - 4);
        packed.length = 0;
        any_reply(&stream, &reply);
        rc = gsp_reply_pack(&reply, &packed);
        assert(!rc);
        if (packed.length < 4096) write_seed("control_message", "\0", 1, packed.data + 4, packed.length - 4);
        gsp_reply_clear(&reply);
        gsp_buffer_clear(&packed);
    }
}

/* A run is begun, goes on with the third node's messages (wrong ones, too), is stopped, and cut. */
static void peer_events(void)
{
    static const char start[] = "\7\x14\10\3\x12\x10objective=linear\6\100\1\1\1\0\0\0\0\0\0\0\0\2\1\5\0\0\0\0\0\6\20";
    static const char states[] =
        "\4\1\1\0\6\10\1\1\1\0\0\0\0\0\0\0\0\4\2\2\6\40\4\4\6\40\5\0\1\5\1\1\5\2\5\5\5\11\6\10\10\6abcdef";
    static const char summaries[] =
        "\3\2\1\0\1\0\1\1\1\1\3\0\377\0\2\3\0\0\1\1\6\377\3\1\0\1\1\1\1\1\1\1\7\2\10\4\6\20";
    write_seed("peer", "", 0, start, sizeof start - 1);
    write_seed("peer", "", 0, states, sizeof states - 1);
    write_seed("peer", "", 0, summaries, sizeof summaries - 1);
}

static void handshakes(void)
{
    static const char *const seeds[] = {"\0", "\1"};
    char bytes[160];
    memset(bytes, 9, sizeof bytes); /* a point that a key exchange takes */
    for (size_t i = 0; i < 2; i++) {
        write_seed("handshake", seeds[i], 1, bytes, 48);
        write_seed("handshake", seeds[i], 1, bytes, 20);
        write_seed("handshake", seeds[i], 1, "\0\0\0\0", 4);
    }
    for (char which = 2; which < 5; which++) {
        write_seed("handshake", &which, 1, "\0\0\0\0\0\0", 6);
        write_seed("handshake", &which, 1, "\1\1\1\1\1\1", 6);
    }
    write_seed("records", "\1", 1, "\3\20\0\0\0\377\377abc", 9);
}

/* ---- payloads and states ---- */

/* A payload, and the vector that it is of. Of a long vector most numbers are small, so that the shorter forms are. */
static void write_payload(const char *text, size_t seed, bool eightfold)
{
    enum { FEW = 40, D_MAX = 8 * FEW, VECTOR = 1, EIGHTFOLD = 2 };
    size_t d = eightfold ? D_MAX : FEW, length = 0;
    struct gsp_compressor compressor;
    struct gsp_codec *codec = NULL;
    struct gsp_stream stream = stream_of((int)seed, "payload");
    double v[D_MAX];
    uint8_t key[32], payload[D_MAX * 8 + 64];
    char head[80];
    for (size_t j = 0; j < d; j++) v[j] = pow(gsp_stream_normal(&stream), eightfold ? 5 : 1);
    gsp_stream_key(key, 1, "n001", "compressor");
    const struct gsp_draws draws = {.key = key, .step = 3};
    int rc = gsp_compressor_parse(&compressor, text, NULL);
    assert(!rc && gsp_compressor_bound(&compressor, d) <= sizeof payload);
    rc = gsp_codec_new(&codec, &compressor, d);
    if (!rc) rc = gsp_codec_encode(codec, v, &draws, payload, &length);
    assert(!rc);
    int used = snprintf(head, sizeof head, "%s\n%c\3", text, FEW - 1);
    head[used] = eightfold ? EIGHTFOLD : 0;
    write_seed("codec", head, (size_t)used + 1, payload, length);
    head[used] |= VECTOR;
    if (!eightfold) write_seed("codec", head, (size_t)used + 1, v, d * sizeof *v);
    gsp_codec_free(codec);
}

static void payloads(void)
{
    static const char *const compressors[] = {"none",
                                              "none:values=bf16",
                                              "topk:fraction=0.1",
                                              "topk:fraction=0.5,values=bf16",
                                              "randk:fraction=0.3",
                                              "dropout:p=1",
                                              "dropout:p=0.8,unbiased",
                                              "qsgd:bits=1",
                                              "qsgd:bits=4,bucket=7",
                                              "qsgd:bits=11",
                                              "sign",
                                              "sign:bucket=5,values=bf16",
                                              "qsgd:bits=16,values=f64",
                                              "topkq:fraction=0.2,bits=2",
                                              "topkq:fraction=0.5,bits=7,bucket=9,values=bf16"};
    for (size_t i = 0; i < sizeof compressors / sizeof *compressors; i++) {
        write_payload(compressors[i], i, false);
        write_payload(compressors[i], i, true);
    }
}

/* One step is begun and mixed, then another begun: a log of messages. */
static void states(void)
{
    for (unsigned compressor = 0; gsp_compressor_kinds()[compressor]; compressor++) {
        struct gsp_graph *graph = NULL;
        struct gsp_node *node = NULL;
        struct gsp_node_config config;
        struct gsp_buffer saved = {0};
        struct gsp_work work;
        enum { D = 5 };
        const double x0[D] = {1, -2, 3, 0, 0.5};
        fuzz_node_config(&config, &graph, compressor, D);
        int rc = gsp_node_new(&node, &config, x0);
        if (!rc) rc = gsp_node_save(node, &saved);
        assert(!rc);
        const char head[] = {(char)compressor, D - 1};
        write_seed("node_state", head, 2, saved.data, saved.length);
        /* Of a later version: a section that may be passed over, and one that may not. */
        put_section(&saved, "later", 1, 1, "abc", 3);
        write_seed("node_state", head, 2, saved.data, saved.length);
        put_section(&saved, "later", 1, 0, "abc", 3);
        write_seed("node_state", head, 2, saved.data, saved.length);
        gsp_node_allow(node, 1);
        bool more = gsp_node_next(node, &work);
        assert(more);
        for (size_t i = 0; i < D; i++) work.gradient[i] = work.x[i];
        rc = gsp_work_gradient(&work);
        if (!rc) rc = gsp_work_encode(&work);
        if (!rc) rc = gsp_node_finish(node, &work);
        size_t length;
        const uint8_t *own = gsp_node_log_view(node, 1, &length);
        for (size_t slot = 0; !rc && slot < 2; slot++) rc = gsp_node_accept(node, slot, 1, own, length, NULL);
        if (!rc && gsp_node_next(node, &work)) rc = gsp_work_mix(&work) ? -1 : gsp_node_finish(node, &work);
        saved.length = 0;
        if (!rc) rc = gsp_node_save(node, &saved);
        if (!rc) write_seed("node_state", head, 2, saved.data, saved.length);
        gsp_node_free(node);
        gsp_graph_free(graph);
        gsp_buffer_clear(&saved);
    }
}

static void kept_files(void)
{
    for (int kind = GSP_KEPT_RUN; kind <= GSP_KEPT_RESULT; kind++) {
        struct gsp_kept kept = {.kind = (enum gsp_kept_kind)kind, .generation = 3, .loss = 0.5};
        struct gsp_message message;
        struct gsp_stream stream = stream_of(kind, "kept");
        struct gsp_buffer bytes = {0};
        uint8_t unused[4096];
        any_message(&stream, GSP_MSG_RUN_STATE, &message, unused);
        kept.state = message.u.run_state;
        int rc = gsp_kept_begin(&kept, &bytes);
        if (!rc) rc = gsp_buffer_append(&bytes, "body", kind == GSP_KEPT_RUN ? 0 : 4);
        if (!rc) rc = gsp_kept_seal(&bytes);
        assert(!rc);
        const char head = (char)((kind - GSP_KEPT_RUN) << 1 | 1);
        write_seed("kept", &head, 1, bytes.data, bytes.length);
        gsp_buffer_clear(&bytes);
        gsp_message_clear(&message);
    }
}

static void histories(void)
{
    struct gsp_buffer file = {0};
    char run[GSP_HISTORY_RUN];
    gsp_history_run(run, &(struct gsp_run_key){.epoch = 3, .id = {0x1f, 0x0c, 0x99, 0xab}});
    int rc = gsp_history_put_header(&file);
    for (uint64_t round = 0; !rc && round < 4; round++) {
        const struct gsp_history_row row = {.round = round,
                                            .loss = 1.0 / (double)(round + 3),
                                            .accuracy = round % 2 ? NAN : 0.5,
                                            .consensus_error = 1e-9,
                                            .payload_bytes = 1e6,
                                            .gradient_seconds = 0.1234567};
        rc = gsp_history_put_row(&file, &row, round < 3 ? "n001" : "n002", run);
    }
    assert(!rc);
    write_seed("history", "\2", 1, file.data, file.length);
    write_text("history", "\1loss,round,more\r\n1e-300,0,x\r\n,5,\r\n");
    gsp_buffer_clear(&file);
}

static void talks(void)
{
    for (int inline_vectors = 0; inline_vectors < 2; inline_vectors++) {
        struct gsp_buffer bytes = {0};
        talk_seed(&bytes, inline_vectors);
        write_seed("talk", "", 0, bytes.data, bytes.length);
        gsp_buffer_clear(&bytes);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make-corpus FOLDER\n");
        return EXIT_FAILURE;
    }
    folder = argv[1];
    make_folder(folder);
    networks();
    words_and_settings();
    daemon_files();
    text_data();
    numpy_data();
    idx_data();
    messages();
    control_messages();
    peer_events();
    handshakes();
    payloads();
    states();
    kept_files();
    histories();
    talks();
    printf("%u inputs in %s\n", written, folder);
    return EXIT_SUCCESS;
}
