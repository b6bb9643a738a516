/* gossip/store.h - what a node keeps over a restart, as bytes: the run it is in, checkpoints, its last result.
 *
 * A file carries its own hash, so that one torn by a power failure is told from a whole one. Layout, little-endian:
 *   "gspkept1", kind, generation, hash of the network, digest of the data, seconds, loss, accuracy, first loss, final,
 *   length of the run state, length of the body, the run state (as in the peer protocol), the body, XXH3-128 of all. */
#ifndef GOSSIP_STORE_H
#define GOSSIP_STORE_H

#include <gossip/base.h>
#include <gossip/data.h>
#include <gossip/wire.h>

enum gsp_kept_kind {
    GSP_KEPT_RUN = 1,    /* the run state alone; no body */
    GSP_KEPT_CHECKPOINT, /* body: gsp_node_save */
    GSP_KEPT_RESULT      /* body: x and z of a run that was done or stopped, d doubles each */
};

struct gsp_kept {
    enum gsp_kept_kind kind;
    uint64_t generation; /* counts this node's checkpoints: the greater is the newer */
    uint8_t network_hash[32], data_digest[16];
    double seconds, loss, accuracy, first_loss; /* of the run so far; NaN: not known */
    bool final;                                 /* the run was over */
    struct gsp_run_state state;
    const uint8_t *body; /* unpacked: a view into the bytes given */
    size_t length;
};

/* Appends all but the body to an empty buffer; the caller appends the body, then seals. */
int gsp_kept_begin(const struct gsp_kept *kept, struct gsp_buffer *out);
int gsp_kept_seal(struct gsp_buffer *out);
/* GSP_ERR_FORMAT for anything but one whole file of this kind. */
int gsp_kept_read(struct gsp_kept *out, enum gsp_kept_kind kind, const uint8_t *bytes, size_t length,
                  struct gsp_error *error);

/* XXH3-128 of everything in a data set that a gradient depends on. */
void gsp_data_digest(uint8_t digest[16], const struct gsp_dataset *data);

#endif
