/* gossip/wire.h - messages between daemons and on the control socket: structs to protobuf bytes and back.
 *
 * The only user of protobuf-c. Unpacking is safe for hostile bytes: they are scanned first, the allocator is capped, no
 * message is recursive. On the stream a message is u32 length (little-endian), then protobuf. What packing takes,
 * unpacking takes: packing checks the same ranges (GSP_ERR_FORMAT), cleans texts as gsp_text_clean, and leaves out
 * numbers that unpacking would not take (they come back as NaN: unknown). */
#ifndef GOSSIP_WIRE_H
#define GOSSIP_WIRE_H

#include <gossip/base.h>
#include <gossip/config.h>

#define GSP_PROTOCOL_VERSION 4
#define GSP_REASON_MAX       400
#define GSP_WAITING_MAX      16 /* names listed in a summary; more are counted only */
#define GSP_RUN_ID_BYTES     16
#define GSP_COUNT_MAX        (UINT64_C(1) << 53) /* no step, round or number of bytes is greater: JSON keeps them exact */

/* Puts '?' where a text holds what no message may: control characters but newline, broken UTF-8. */
void gsp_text_clean(char *text);

enum gsp_phase {
    GSP_PHASE_IDLE,
    GSP_PHASE_RUNNING,
    GSP_PHASE_WAITING,
    GSP_PHASE_DONE,
    GSP_PHASE_STOPPED,
    GSP_PHASE_FAILED
};
const char *gsp_phase_name(enum gsp_phase phase);

/* (epoch, id): the greater pair is the later run. Epoch 0: none yet. */
struct gsp_run_key {
    uint64_t epoch;
    uint8_t id[GSP_RUN_ID_BYTES];
};
int gsp_run_key_compare(const struct gsp_run_key *a, const struct gsp_run_key *b);

/* A model that a worker brings (doc/worker.md). */
#define GSP_MODEL_MAX 64 /* bytes of its name */
#define GSP_X0_DIGEST 16
struct gsp_model_summary {
    char name[GSP_MODEL_MAX + 1];
    uint64_t dimension;        /* 0: there is no worker, and nothing else here means anything */
    bool has_x0;               /* it begins at a point of its own, ... */
    uint8_t x0[GSP_X0_DIGEST]; /* ... whose digest this is; else zeros */
};

/* ---- a node's own worker, for its own status ---- */

enum gsp_worker_phase {
    GSP_WORKER_NONE, /* the node is to have none */
    GSP_WORKER_AWAY,
    GSP_WORKER_STARTING, /* its process runs, and has not said what it is */
    GSP_WORKER_READY,    /* nothing is asked of it */
    GSP_WORKER_BEGINNING,
    GSP_WORKER_COMPUTING,
    GSP_WORKER_EVALUATING
};
const char *gsp_worker_phase_name(enum gsp_worker_phase phase);

#define GSP_METRICS_MAX     64
#define GSP_METRIC_NAME_MAX 32
struct gsp_metric {
    char name[GSP_METRIC_NAME_MAX + 1]; /* letters, digits, _ */
    double value;                       /* NaN: not a finite number */
};

struct gsp_worker_status {
    enum gsp_worker_phase phase;
    char detail[GSP_REASON_MAX / 2]; /* AWAY, STARTING: why it is not there; else empty */
    double phase_seconds;            /* for how long it has been so; NaN: not known */
    double step_seconds;             /* of its last step; NaN: not known */
    size_t metric_count;             /* that it told of, but for loss and accuracy; the newest value of each */
    struct gsp_metric metrics[GSP_METRICS_MAX];
};

/* What every node tells all others about itself, and what status shows. Unknown numbers are NaN; accuracy is in [0, 1],
 * the other doubles are finite, and but for loss and targets not negative. Equal summaries pack to equal bytes. */
struct gsp_summary {
    char node[GSP_NAME_MAX + 1];
    uint64_t number; /* newer is the greater (number, content) */
    uint64_t poll;   /* counts this node's requests that all others send a new summary (a start needs them fresh) */
    enum gsp_phase phase;
    char reason[GSP_REASON_MAX + 1];
    struct gsp_run_key run;
    bool ended;      /* the run is over here, and its result safe */
    uint64_t result; /* the number of the run whose result is kept for init=last; 0: there is none */
    uint64_t round, rounds, step, gossip_step;
    double loss, accuracy, consensus_error, seconds, residual;
    uint64_t bytes_sent, bytes_received;
    size_t waiting_count; /* may exceed GSP_WAITING_MAX */
    char waiting[GSP_WAITING_MAX][GSP_NAME_MAX + 1];
    /* the data, for start */
    uint64_t rows, columns, dtype;
    double target_max, target_min; /* NaN: not known */
    bool targets_whole;
    uint64_t columns_named; /* struct gsp_dataset */
    double lambda_max;
    struct gsp_model_summary model;
};

/* ---- peer messages ---- */

enum gsp_message_type {
    GSP_MSG_WELCOME = 1,
    GSP_MSG_REFUSED,
    GSP_MSG_HELLO,
    GSP_MSG_RUN_STATE,
    GSP_MSG_RUN_HELLO,
    GSP_MSG_GOSSIP,
    GSP_MSG_HAVE,
    GSP_MSG_DURABLE,
    GSP_MSG_SUMMARY,
    GSP_MSG_PING,
    GSP_MSG_PONG,
    GSP_MSG_CLOSE,
    GSP_MSG_GONE,
    GSP_MSG_LOST,
    GSP_MSG_COPY,
    GSP_MSG_RESYNC,
    GSP_MSG_EDGE_AT,
    GSP_MSG_GREATEST = GSP_MSG_EDGE_AT
};

struct gsp_run_state {
    struct gsp_run_key run;
    char origin[GSP_NAME_MAX + 1];
    char settings[2048]; /* gsp_settings_format's text; empty: the run is over, and the network has changed since */
    uint64_t stop_round; /* 0: none */
    bool target_reached; /* it is the stop of a target_loss that was reached */
    bool aborted;
    bool abort_asked; /* a user stopped it at once: the run is stopped, and has not failed */
    char abort_node[GSP_NAME_MAX + 1];
    char abort_reason[GSP_REASON_MAX + 1];
};

struct gsp_message {
    enum gsp_message_type type;
    union {
        struct {
            uint8_t hash[32];
            uint64_t incarnation;
        } welcome; /* responder's first */
        struct {
            char reason[GSP_REASON_MAX + 1];
            uint8_t hash[32];
        } refused;
        struct {
            uint64_t incarnation;
        } hello; /* dialer's first */
        struct gsp_run_state run_state;
        /* the Hello of protocol.md "Links": opens the exchange of one run on one connection */
        struct {
            struct gsp_run_key run;
            uint64_t expect, have, digest, durable; /* have: its step in hand */
            bool gathering, edge_down;
            uint64_t edge_since;
        } run_hello;
        struct {
            uint64_t step;
            const uint8_t *payload; /* unpacked: a view into the bytes given */
            size_t length;
        } gossip; /* of the run of the sender's last run_hello */
        struct {
            uint64_t step;
        } have;
        struct {
            uint64_t step;
        } durable;
        struct {
            struct gsp_run_key run;
        } gone; /* lost likewise */
        struct {
            struct gsp_run_key run;
            uint64_t step, digest;
            const uint8_t *z; /* doubles, little-endian; unpacked: a view into the bytes given */
            size_t length;    /* in bytes */
        } vector;             /* copy, resync */
        struct {
            uint64_t step;
        } edge_at;
        struct gsp_summary summary;
        struct {
            uint64_t nonce;
        } ping; /* pong echoes it */
        struct {
            char reason[GSP_REASON_MAX + 1];
        } close;
    } u;
};

/* Appends u32 length and the message. */
int gsp_message_pack(const struct gsp_message *message, struct gsp_buffer *out);
/* Reads one message (without its u32). Payloads and vectors are not copied: they live as long as `bytes`.
 * GSP_ERR_FORMAT on anything but exactly one well-formed message with all required fields in range (names of allowed
 * characters, finite or NaN numbers as stated). */
int gsp_message_unpack(struct gsp_message *out, const uint8_t *bytes, size_t length, struct gsp_error *error);
/* Forgets the message and its views. */
void gsp_message_clear(struct gsp_message *message);
/* The greatest message (without u32) besides those that carry a payload or a vector, and the overhead of these. */
#define GSP_MESSAGE_MAX     8192
#define GSP_GOSSIP_OVERHEAD 32
#define GSP_VECTOR_OVERHEAD 80

/* ---- control socket ---- */

enum gsp_request_type {
    GSP_REQ_STATUS = 1,
    GSP_REQ_STATUS_ALL,
    GSP_REQ_START,
    GSP_REQ_STOP,
    GSP_REQ_DUMP,
    GSP_REQ_HEALTH,
    GSP_REQ_HISTORY,
    GSP_REQ_RELOAD
};

struct gsp_request {
    enum gsp_request_type type;
    char *settings;    /* START: "key=value" lines */
    bool now;          /* STOP */
    char vector;       /* DUMP: 'x' or 'z' */
    uint64_t position; /* HISTORY: the first byte wanted */
};

struct gsp_link_status {
    char name[GSP_NAME_MAX + 1];
    char state[32]; /* "up", "connecting", "refused", "down" */
    char detail[GSP_REASON_MAX + 1];
    uint64_t bytes_sent, bytes_received;
    double rtt_ms; /* NaN: unknown */
};

/* What became of a request. The message says why; what a program ends with because of it is the program's own. */
enum gsp_reply_code {
    GSP_REPLY_DONE = 0,   /* done, or under way: more replies follow */
    GSP_REPLY_FAILED = 1, /* not possible now */
    GSP_REPLY_USAGE = 2,  /* the request itself is wrong: the same words never work */
    GSP_REPLY_CONFIG = 4  /* the configuration or the data of a node are in its way */
};

/* A reply may come in parts: all but the last have `more` set (progress of a start, chunks of a dump). */
struct gsp_reply {
    enum gsp_reply_code code;
    bool more;
    char message[GSP_REASON_MAX * 2];
    char version[32];
    struct gsp_run_key run;    /* START: the run that was begun */
    char settings[2048];       /* of the current run, resolved */
    size_t node_count;         /* STATUS: 1; STATUS_ALL: all, in the order of peers.conf */
    struct gsp_summary *nodes; /* number 0: nothing heard of it yet (only its name is known) */
    size_t link_count;         /* STATUS */
    struct gsp_link_status *links;
    struct gsp_worker_status worker; /* STATUS */
    size_t value_count;              /* DUMP: this chunk */
    double *values;
    uint64_t value_total, value_offset;
    uint64_t round; /* DUMP: that the vector is of, in the run `run`; the first chunk has its settings, too */
    uint8_t *part;  /* HISTORY: part_length bytes of the file, from part_offset of part_total on */
    size_t part_length;
    uint64_t part_total, part_offset;
};
#define GSP_REQUEST_MAX 65536
#define GSP_REPLY_MAX   (16u << 20)
#define GSP_DUMP_CHUNK  65536      /* values in one reply */
#define GSP_PART_MAX    (1u << 20) /* bytes of a file in one reply */

int gsp_request_pack(const struct gsp_request *request, struct gsp_buffer *out);
int gsp_request_unpack(struct gsp_request *out, const uint8_t *bytes, size_t length, struct gsp_error *error);
void gsp_request_clear(struct gsp_request *request);
int gsp_reply_pack(const struct gsp_reply *reply, struct gsp_buffer *out);
int gsp_reply_unpack(struct gsp_reply *out, const uint8_t *bytes, size_t length, struct gsp_error *error);
void gsp_reply_clear(struct gsp_reply *reply); /* frees nodes, links, values, part */

#endif
