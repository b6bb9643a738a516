/* gossip/store.h - what a daemon keeps in files, as bytes.
 *
 * ---- over a restart: the run that a node is in, checkpoints, its last result ----
 *
 * A file carries its own hash, so that one torn by a power failure is told from a whole one; what it holds stands in
 * sections, so that versions may differ. doc/state.md has the layout, and what is read of other versions. */
#ifndef GOSSIP_STORE_H
#define GOSSIP_STORE_H

#include <gossip/base.h>
#include <gossip/config.h>
#include <gossip/data.h>
#include <gossip/wire.h>

enum gsp_kept_kind {
    GSP_KEPT_RUN = 1,    /* the run state alone; no body */
    GSP_KEPT_CHECKPOINT, /* body: gsp_node_save */
    GSP_KEPT_RESULT      /* body: x and z of a run that was done or stopped, d doubles each */
};

/* What computed the gradients that led here (gsp_problem_type.fingerprint), and a word on others that did before it. */
struct gsp_makers {
    char fingerprint[GSP_FINGERPRINT_MAX + 1]; /* empty: not known, as in older files */
    char change[GSP_REASON_MAX / 2 + 1];       /* empty: there was no other */
};

struct gsp_kept {
    enum gsp_kept_kind kind;
    uint64_t generation; /* counts this node's checkpoints: the greater is the newer */
    uint8_t network_hash[32], data_digest[16];
    double seconds, loss, accuracy, first_loss; /* of the run so far; NaN: not known */
    bool final;                                 /* the run was over */
    uint64_t bytes_sent, bytes_received;        /* on the sockets, in the run so far */
    struct gsp_run_state state;
    struct gsp_makers makers;
    const uint8_t *task; /* what the problem's task carries on with (gsp_problem_type.save); unpacked: a view */
    size_t task_length;  /* 0: nothing */
    const uint8_t *body; /* unpacked: a view into the bytes given */
    size_t length;
};

/* Appends all but the body to an empty buffer; the caller appends the body, then seals. */
int gsp_kept_begin(const struct gsp_kept *kept, struct gsp_buffer *out);
int gsp_kept_seal(struct gsp_buffer *out);
/* GSP_ERR_FORMAT: the file was ours and is damaged: it may be written anew. GSP_ERR_FOREIGN: it is not damaged, and not
 * for this version to touch: of another format, with a section that must not be passed over, of another kind, not ours
 * at all; *error says what is in the way and who can read it. GSP_ERR_NOMEM. */
int gsp_kept_read(struct gsp_kept *out, enum gsp_kept_kind kind, const uint8_t *bytes, size_t length,
                  struct gsp_error *error);

/* XXH3-128 of everything in a data set that a gradient depends on. */
void gsp_data_digest(uint8_t digest[16], const struct gsp_dataset *data);

/* ---- history: a CSV file with a header and one line for every round, from 0, the start, on ----
 * Every line also names the node and the run, so that files of several nodes can be read as one table. Columns:
 * round, loss, accuracy, consensus_error, payload_bytes, bytes_sent, bytes_received, gradient_seconds, coding_seconds,
 * waiting_seconds, seconds, node, run. */

struct gsp_history_row {
    uint64_t round;
    double loss;            /* f_i at this node's x after the round, l2 included; of the next batch with batch=B */
    double accuracy;        /* 0 to 1; where it was evaluated: with test data, every few seconds and at the end */
    double consensus_error; /* |x_i - sum_j w_ij z_j| / |x_i| */
    /* Since the run began at this node: */
    double payload_bytes;                                     /* all own messages, encoded, to one neighbour */
    double bytes_sent, bytes_received;                        /* to all neighbours, all overhead included */
    double gradient_seconds, coding_seconds, waiting_seconds; /* of the node's work */
    double seconds;                                           /* from the first gradient step on */
};

/* What the column `run` holds: the run's number and the beginning of its id, as in 3-1f0c99ab. */
#define GSP_HISTORY_RUN 32
void gsp_history_run(char out[GSP_HISTORY_RUN], const struct gsp_run_key *run);

/* Append the header, and a line. What is not known (NaN) is left empty; losses read back to the last bit, seconds are
 * rounded to a millionth. */
int gsp_history_put_header(struct gsp_buffer *out);
int gsp_history_put_row(struct gsp_buffer *out, const struct gsp_history_row *row, const char *node, const char *run);

/* How many bytes of a history to keep so that it goes on with round `next` of `run`: the header and the lines of that
 * run with smaller rounds, up to the first that is damaged or out of order. 0 without the header. *after is the round
 * after the last one kept, 0 if none is. */
size_t gsp_history_keep(const char *text, size_t length, const char *run, uint64_t next, uint64_t *after);

/* One node's curve. */
struct gsp_history {
    char node[GSP_NAME_MAX + 1], run[GSP_HISTORY_RUN]; /* empty: not in the file */
    size_t count, capacity;
    struct gsp_history_row *rows; /* in the order of the file; rounds ascend */
};
/* Reads a CSV file by the names in its header: `round` and `loss` must be there, columns with other names are passed
 * over (so gossip-sim's files are read as well). The lines of each node, in the order in which they first appear, are
 * one of *out[0 .. *count - 1]. A last line without a line end is still being written: it is left out. GSP_ERR_DATA
 * names file and line. The caller frees *out with gsp_histories_free. */
int gsp_history_parse(struct gsp_history **out, size_t *count, const char *name, const char *text, size_t length,
                      struct gsp_error *error);
void gsp_histories_free(struct gsp_history *histories, size_t count);

#endif
