/* gossip/algo.h - DeLi-CoCo: the graph and its mixing matrix, compressors, one node's state machine, step sizes.
 *
 * Source: Hashemi et al., "On the Benefits of Multiple Gossip Steps in Communication-Constrained Decentralized
 * Optimization", arXiv 2011.10643 (DeLi-CoCo); Koloskova et al., arXiv 1902.00340 (CHOCO) for the gossip step. */
#ifndef GOSSIP_ALGO_H
#define GOSSIP_ALGO_H

#include <gossip/base.h>
#include <gossip/config.h>

/* ---- the graph and its mixing matrix W ---- */

/* Neighbours of node i are entries first[i] .. first[i + 1] - 1 of `neighbour`, sorted by node NAME (the order in which
 * messages are applied); `weight` runs parallel to it: w_ij. W is symmetric, non-negative, rows sum to 1. */
struct gsp_graph {
    size_t count;
    char (*names)[GSP_NAME_MAX + 1];
    size_t *first;
    uint32_t *neighbour;
    double *weight;
    double *self_weight; /* w_ii */
    size_t diameter;     /* D, in edges */
    double delta;        /* spectral gap 1 - |lambda_2(W)| */
    double beta;         /* |I - W|_2 */
};

/* A graph over nodes n001, n002, ... (as many digits as the greatest number needs, at least three). `topology`: ring,
 * torus, grid, star, complete, hypercube, random:degree=D,seed=S. count = 1 is allowed. A torus needs an a x b with a
 * >= 3, a the greatest divisor of n not above sqrt(n); a size that does not fit is refused naming the nearest that do.
 */
int gsp_graph_topology(struct gsp_graph **out, const char *topology, size_t count, enum gsp_weights weights,
                       struct gsp_error *error);
/* The graph of a network file. Problems (unreachable nodes, weights that do not sum to 1, ...) are all added with file
 * and line. */
int gsp_graph_from_network(struct gsp_graph **out, const char *file, const struct gsp_network *network,
                           struct gsp_problems *problems);
void gsp_graph_free(struct gsp_graph *graph);
/* BLAKE2b-256 of the canonical form of nodes, keys, edges and weights (not endpoints): equal on hosts with equal
 * networks. */
void gsp_network_hash(uint8_t hash[32], const struct gsp_network *network, const struct gsp_graph *graph);

/* ---- compressors ---- */

enum gsp_values { GSP_F64, GSP_F32, GSP_BF16 };

/* A kind of compressor and its parameters; those that the kind does not have are 0. */
struct gsp_compressor {
    const struct gsp_kind *kind; /* of gsp_compressor_kinds */
    enum gsp_values values;      /* width of transmitted values; its rounding is part of C */
    double fraction;             /* of the coordinates are sent: k = max(1, round(fraction * d)), halves to even */
    double p;                    /* probability that a coordinate is kept */
    bool unbiased;               /* what is kept is multiplied by 1 / p */
    size_t bits;                 /* s = 2^bits levels */
    size_t bucket;               /* coordinates that share a scale; 0: all d */
};
/* All kinds, ending with NULL. */
const struct gsp_kind *const *gsp_compressor_kinds(void);
/* Reads a text as gsp_kind_usage of these kinds tells; unbiased dropout needs p above 0.5, since it never contracts
 * below. GSP_ERR_CONFIG with a suggestion; *out is then unchanged. */
int gsp_compressor_parse(struct gsp_compressor *out, const char *text, struct gsp_error *error);
/* The canonical text (gsp_kind_format); 64 bytes are always enough. */
void gsp_compressor_format(const struct gsp_compressor *compressor, char *text, size_t size);
/* A lower bound of omega in E|C(v) - v|^2 <= (1 - omega) |v|^2 for every v of length d (whose transmitted values are
 * normal numbers at their width: smaller ones are rounded to multiples of the least number, or to 0). */
double gsp_compressor_omega(const struct gsp_compressor *compressor, size_t d);
/* Whether omega does not depend on d, so that a smaller dimension may stand in when gamma is calibrated. */
bool gsp_compressor_scale_free(const struct gsp_compressor *compressor);
/* The greatest payload, in bytes. */
size_t gsp_compressor_bound(const struct gsp_compressor *compressor, size_t d);

/* Where a compressor's random numbers come from. */
struct gsp_draws {
    const uint8_t *key;     /* 32 bytes: the sender's stream (gsp_stream_key(.., "compressor")) */
    uint64_t step;          /* k, the nonce */
    const double *recorded; /* not NULL: d uniforms in [0,1) to use instead (replay of published trajectories); randk
                               takes the first k of them */
};

/* Encodes and applies messages of one dimension. Holds scratch memory: one for each thread that works at a time. */
struct gsp_codec;
/* d from 1 to 2^32 - 1: GSP_ERR_USAGE for 0, GSP_ERR_LIMIT above. */
int gsp_codec_new(struct gsp_codec **out, const struct gsp_compressor *compressor, size_t d);
void gsp_codec_free(struct gsp_codec *codec);
/* payload (gsp_compressor_bound bytes of room) <- encode(v), *length its size. GSP_ERR_DIVERGED if v or a transmitted
 * value is not finite. */
int gsp_codec_encode(struct gsp_codec *codec, const double *v, const struct gsp_draws *draws, uint8_t *payload,
                     size_t *length);
/* Checks a payload from outside: exact length, coding known, indices ascending and below d, values finite, levels in
 * range. After this gsp_codec_apply cannot fail. GSP_ERR_FORMAT. Takes O(d). `draws` as the sender's. */
int gsp_codec_check(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                    struct gsp_error *error);
/* The same check; *expanded (gsp_compressor_bound bytes of room) <- the message in the longest of its forms, which is
 * the quickest to apply. What is written there counts only if the check passes. */
int gsp_codec_expand(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                     uint8_t *expanded, size_t *expanded_length, struct gsp_error *error);
/* With m = decode(payload): copy += m (copy may be NULL), sum += weight * m; one rounding a multiplication and one an
 * addition, in the order of the coordinates. The sender applies its own payload by this very function. */
void gsp_codec_apply(struct gsp_codec *codec, const uint8_t *payload, size_t length, const struct gsp_draws *draws,
                     double weight, double *sum, double *copy);

/* ---- one node ---- */

struct gsp_node;

struct gsp_node_config {
    const struct gsp_graph *graph; /* borrowed; outlives the node */
    size_t self;
    size_t dimension; /* d */
    struct gsp_compressor compressor;
    uint64_t gossip_steps; /* Q; 0: no gossip at all (local gradient descent) */
    double eta, eta_decay, gamma;
    enum gsp_eta_schedule eta_schedule;
    uint64_t rounds; /* T, on which a schedule depends */
    double momentum; /* mu, from 0 to below 1; 0: none, and no memory for it */
    uint64_t seed;
    uint8_t run_id[16];
    bool gradients; /* false: compressed consensus alone (calibration) */
    /* A simulator's nodes run in lockstep in one process: others[i] is node i, and a node reads its neighbours'
     * messages and z straight from them, without copies and without gsp_node_accept. Every node encodes step k before
     * any mixes it, and all mix it before any encodes k + 1. NULL: a node keeps copies. Borrowed; filled before the
     * first step. */
    struct gsp_node *const *others;
};

/* Stages of a piece of work. A mix may be followed by the next encode in one piece, a gradient always is. */
enum { GSP_STAGE_MIX = 1, GSP_STAGE_GRADIENT = 2, GSP_STAGE_ENCODE = 4 };

/* What a node wants done next: pure work on vectors, which may run in another thread, or another process for the
 * gradient. */
struct gsp_work {
    unsigned stages;
    uint64_t step, round;   /* of the encode, or of the mix if there is no encode */
    const double *x;        /* GRADIENT: where; d values */
    double *gradient;       /* GRADIENT: the caller writes d values here before gsp_work_gradient */
    double eta;             /* GRADIENT: the size of the step, eta_t */
    const double *recorded; /* the caller may set uniforms to replay, see gsp_draws */
    bool refresh;           /* MIX: s is first computed afresh from the copies */
    struct gsp_node *node;
};

/* What a run's settings say of its nodes; all but the compressor, which is left as it is. */
void gsp_node_config_take(struct gsp_node_config *config, const struct gsp_settings *settings);
/* eta_t, the size of the gradient step of round t >= 1: eta * eta_decay^(t-1), with eta_schedule=cosine times
 * (1 + cos(pi (t-1)/T)) / 2. The same bits on every machine. */
double gsp_eta_at(const struct gsp_node_config *config, uint64_t round);

int gsp_node_new(struct gsp_node **out, const struct gsp_node_config *config, const double *x0);
void gsp_node_free(struct gsp_node *node);
/* The next steps up to `last` may be begun (a run's end, a stop). */
void gsp_node_allow(struct gsp_node *node, uint64_t last);
/* If there is something to do now, describes it in *work and returns true. Until gsp_node_finish the node's vectors
 * belong to the work; gsp_node_accept and the queries below may still be called. */
bool gsp_node_next(struct gsp_node *node, struct gsp_work *work);
/* In lockstep, between everybody's encode of a step and anybody's mix: does the part of all mixes that adds messages to
 * s and z, in far less time where nodes have many neighbours, and takes count d doubles of memory for that time.
 * Without that memory, or where messages are sparse, it does nothing and the mixes do it all. The bits are the same.
 * `nodes` are all of the graph's. */
void gsp_nodes_add_messages(struct gsp_node *const *nodes, size_t count);
/* Each runs one stage of the work, on any thread; call those in work->stages, in this order. GSP_ERR_DIVERGED on a
 * non-finite value. */
int gsp_work_mix(struct gsp_work *work);
int gsp_work_gradient(struct gsp_work *work);
/* In the place of gsp_work_gradient, where the caller has made the step itself: work->gradient is what x changes by.
 * Not with momentum (asserted). */
int gsp_work_update(struct gsp_work *work);
int gsp_work_encode(struct gsp_work *work);
/* The work is done: the step counter, digests and log move on. */
int gsp_node_finish(struct gsp_node *node, struct gsp_work *work);

/* A neighbour's message for step `step` (exactly the next one expected of it, at most two held ahead); the payload is
 * copied. GSP_ERR_PROTOCOL for another step, GSP_ERR_FORMAT if it does not decode. `slot` counts a node's neighbours
 * from 0 in the graph's order. */
int gsp_node_accept(struct gsp_node *node, size_t slot, uint64_t step, const uint8_t *payload, size_t length,
                    struct gsp_error *error);

/* The state at the last finished step. Views are valid until the next call on the node. */
uint64_t gsp_node_step(const struct gsp_node *node);                 /* the next step to be completed: 1 at the start */
uint64_t gsp_node_round(const struct gsp_node *node);                /* rounds completed */
bool gsp_node_waiting_for(const struct gsp_node *node, size_t slot); /* its message for the step in hand is missing */
uint64_t gsp_node_expected(const struct gsp_node *node, size_t slot); /* the next step expected of a neighbour */
const double *gsp_node_x(const struct gsp_node *node);
const double *gsp_node_z(const struct gsp_node *node);
const double *gsp_node_s(const struct gsp_node *node);
/* |x - sum_j w_ij z_j| / |x| after the last mix of a round; NaN before the first. */
double gsp_node_consensus_error(const struct gsp_node *node);
/* |x - z| after the last message over |x - z| before it: what the compressor left; NaN before the first. */
double gsp_node_residual(const struct gsp_node *node);

/* What the node has done since the run began; part of the saved state. The seconds are the caller's. */
struct gsp_counters {
    uint64_t payload_bytes; /* all own messages, encoded, to one neighbour */
    double gradient_seconds, coding_seconds, waiting_seconds;
};
const struct gsp_counters *gsp_node_counters(const struct gsp_node *node);
void gsp_node_add_seconds(struct gsp_node *node, double gradient, double coding, double waiting);

/* Own messages, kept by step from `base` on. A digest chain d_k = H(d_(k-1), run id, k, payload) finds mistakes. */
uint64_t gsp_node_log_base(const struct gsp_node *node);
uint64_t gsp_node_log_end(const struct gsp_node *node); /* one past the newest */
const uint8_t *gsp_node_log_view(const struct gsp_node *node, uint64_t step, size_t *length);
void gsp_node_log_trim(struct gsp_node *node, uint64_t base); /* forgets messages below; never the step in hand */
/* d_k of my own messages; k from base - 1 to end - 1. */
uint64_t gsp_node_digest(const struct gsp_node *node, uint64_t step);
/* The digest of what was received of a neighbour, up to the step before gsp_node_expected. */
uint64_t gsp_node_digest_of(const struct gsp_node *node, size_t slot);

/* ---- what lost state is made good with (doc/protocol.md, "Lost disks") ---- */

/* From `step` on the copy of a neighbour's z is `z` (d values, copied), and `digest` is
 * that of its messages before; what is lacking until then counts as zero. GSP_ERR_STATE, and nothing changed, below the
 * own step or the step expected of it. */
int gsp_node_resync(struct gsp_node *node, size_t slot, uint64_t step, const double *z, uint64_t digest);
/* What this node knows of a neighbour, messages held included: z (d values) before *step, which is the next one
 * expected, and the digest of what came before. GSP_ERR_STATE if it knows nothing. No work may be in hand. */
int gsp_node_copy_of(const struct gsp_node *node, size_t slot, double *z, uint64_t *step, uint64_t *digest);
/* A node that goes on at `step` with nothing but its z before that step: x = z, and every neighbour's z is awaited
 * (gsp_node_resync). `digest` is that of its own messages before. */
int gsp_node_recover(struct gsp_node **out, const struct gsp_node_config *config, uint64_t step, const double *z,
                     uint64_t digest);
bool gsp_node_awaits(const struct gsp_node *node, size_t slot);
bool gsp_node_awaits_any(const struct gsp_node *node); /* of those that count at the step in hand */
/* z before the log's first step, for who lacks what lies below; NULL where the log itself is all there is. */
const double *gsp_node_log_z(const struct gsp_node *node);

/* ---- edges that do not count (doc/protocol.md, "Lost neighbours") ---- */

/* Both ends of an edge that is down keep its weight for themselves, so W stays symmetric and doubly stochastic. No
 * work may be in hand for any of these. */
void gsp_node_edge_down(struct gsp_node *node, size_t slot);
/* From `step` on (not below the own) it counts, once a resync has come (gsp_node_awaits). */
void gsp_node_edge_up(struct gsp_node *node, size_t slot, uint64_t step);
/* Whether the edge is down; *since: else the step from which it counts, 1 if it always did. */
bool gsp_node_edge(const struct gsp_node *node, size_t slot, uint64_t *since);
/* Goes on at a later step, with nothing in between: x, z and the copies stay. */
void gsp_node_jump(struct gsp_node *node, uint64_t step);
/* Takes the message of the step in hand back, which nobody may have been sent. */
void gsp_node_take_back(struct gsp_node *node);

/* The whole state at a step boundary (no work in hand), as bytes and back (doc/state.md has the format). A node saved
 * and loaded continues bit for bit. gsp_node_load: GSP_ERR_FORMAT, also for a node of another dimension or degree;
 * GSP_ERR_FOREIGN where only another version can read it, and *error says what is in the way. */
int gsp_node_save(const struct gsp_node *node, struct gsp_buffer *out);
int gsp_node_load(struct gsp_node **out, const struct gsp_node_config *config, const uint8_t *bytes, size_t length,
                  struct gsp_error *error);

/* The dimension and the step in hand of a saved state, without loading it; what only another version can read is found
 * here already. GSP_ERR_FORMAT, GSP_ERR_FOREIGN. */
int gsp_node_saved(const uint8_t *bytes, size_t length, size_t *dimension, uint64_t *step, struct gsp_error *error);

/* x0 of a node: zeros (also for auto), normal (each node its own N(0, 1/d)) or normal-same. */
void gsp_initial_point(double *x, size_t d, enum gsp_init init, uint64_t seed, const char *name);

/* ---- step sizes ---- */

/* CHOCO, Theorem 2: safe for every compressor of this omega, and very small. */
double gsp_gamma_safe(const struct gsp_graph *graph, double omega);
/* The gamma of a ladder that contracts consensus most, with a margin below what diverges: plays compressed consensus
 * without gradients, with gsp_node itself, from seeded N(0,1) vectors on this graph. Pure and deterministic; takes
 * seconds. `d` is the run's dimension; a smaller one stands in where gsp_compressor_scale_free. `cancelled` (may be
 * NULL) is read now and then: GSP_ERR_STATE when it became true. */
int gsp_gamma_calibrate(double *gamma, const struct gsp_graph *graph, const struct gsp_compressor *compressor, size_t d,
                        uint64_t seed, const volatile bool *cancelled, struct gsp_error *error);

#endif
