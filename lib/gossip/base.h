/* gossip/base.h - errors, memory, logging, random streams and vectors: what every layer stands on.
 *
 * Nothing in libgossip opens files or sockets, reads a clock, starts threads or asks the system for randomness. Bytes,
 * times and random seeds are arguments. */
#ifndef GOSSIP_BASE_H
#define GOSSIP_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- errors: functions return 0 or one of these negative codes ---- */

#define GSP_ERRORS(X)                                                                                                  \
    X(GSP_ERR_NOMEM, -1, "out of memory")                                                                              \
    X(GSP_ERR_USAGE, -2, "wrong use")                   /* what the user typed is wrong */                             \
    X(GSP_ERR_CONFIG, -3, "wrong configuration")        /* a file, key or setting must be mended first */              \
    X(GSP_ERR_DATA, -4, "unusable data")                /* so must a file of data */                                   \
    X(GSP_ERR_FORMAT, -5, "malformed message")          /* a peer's bytes do not decode: close the link */             \
    X(GSP_ERR_PROTOCOL, -6, "protocol violation")       /* well-formed, but not allowed now: close the link */         \
    X(GSP_ERR_AUTH, -7, "authentication failed")        /* close the link */                                           \
    X(GSP_ERR_DIVERGED, -8, "the run diverged")         /* a non-finite loss or parameter: abort the run */            \
    X(GSP_ERR_LIMIT, -9, "limit exceeded")              /* more than the stated memory would be needed */              \
    X(GSP_ERR_STATE, -10, "not possible in this state") /* refused; nothing changed */                                 \
    X(GSP_ERR_IO, -11, "input/output error")            /* programs only */                                            \
    X(GSP_ERR_FOREIGN, -12, "of another format")        /* not damaged, but not for this version: leave it as it is */

enum gsp_err {
    GSP_OK = 0,
#define GSP_ERROR_ENUM(name, code, text) name = (code),
    GSP_ERRORS(GSP_ERROR_ENUM)
#undef GSP_ERROR_ENUM
};

/* The text of a code; never NULL. */
const char *gsp_strerror(int code);

/* The reason for a human, filled where a failure happens: "peers.conf:12: ..." and what to do about it. */
struct gsp_error {
    int code;
    char message[1000];
};

/* Fills `error` (which may be NULL) and returns `code`, so that `return gsp_error_set(...)` reads well. */
int gsp_error_set(struct gsp_error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts "prefix: " in front of the message. */
void gsp_error_prefix(struct gsp_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Several problems found in one pass over an input. Zero-initialise; gsp_problems_clear frees. */
struct gsp_problems {
    size_t count;
    char **messages; /* "file:line: problem (remedy)"; an entry is NULL if there was no memory for its text */
    size_t untold;   /* problems that found no memory at all */
};
void gsp_problems_add(struct gsp_problems *problems, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gsp_problems_clear(struct gsp_problems *problems);

/* The program's own words for what a user types, for messages that say what to do next: lib never spells a command.
 * Each is whole, as it would be typed ("gossipctl stop --now"), and borrowed for as long as whoever it is handed to. */
struct gsp_commands {
    const char *start;           /* begins a run; "KEY=VALUE" words may follow */
    const char *stop, *stop_now; /* ends the run at an agreed round; at once and without a result */
    const char *reload;          /* reads the network file anew, at the node where it is typed */
    const char *status_all;      /* shows all nodes */
    const char *peers;           /* shows the links of one node */
    const char *dump_x;          /* saves the result */
    const char *run_node;        /* the program that runs a node: it "runs", "is restarted" */
};

/* The entry of `choices` (NULL-terminated) that is nearest to `word` by edit distance, or NULL if none is near. */
const char *gsp_suggest(const char *word, const char *const *choices);

/* ---- log sink ---- */

enum gsp_log_level { GSP_LOG_DEBUG, GSP_LOG_INFO, GSP_LOG_WARNING, GSP_LOG_ERROR };

struct gsp_log {
    void (*write)(void *context, enum gsp_log_level level, const char *message); /* NULL: silent */
    void *context;
};
void gsp_log(const struct gsp_log *log, enum gsp_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- memory ---- */

/* Zeroed memory for count * size bytes, overflow checked; NULL if there is none. Free with free(). */
void *gsp_alloc(size_t count, size_t size);
char *gsp_strdup(const char *text);
/* A zeroed vector of n doubles, aligned to 64 bytes. Free with free(). */
double *gsp_vector(size_t n);

/* A growing byte buffer. Zero-initialise; gsp_buffer_clear frees. */
struct gsp_buffer {
    uint8_t *data;
    size_t length, capacity;
};
int gsp_buffer_reserve(struct gsp_buffer *buffer, size_t more); /* room for `more` bytes */
int gsp_buffer_append(struct gsp_buffer *buffer, const void *bytes, size_t length);
int gsp_buffer_append_u64(struct gsp_buffer *buffer, uint64_t value);                     /* little-endian */
int gsp_buffer_append_doubles(struct gsp_buffer *buffer, const double *values, size_t n); /* little-endian */
void gsp_read_doubles(double *values, const uint8_t *bytes, size_t n);                    /* and back; any alignment */
void gsp_buffer_consume(struct gsp_buffer *buffer, size_t length);                        /* drops from the front */
void gsp_buffer_clear(struct gsp_buffer *buffer);

/* ---- counter-based random streams ----
 * The stream of a node at a step is ChaCha20 keyed by BLAKE2b(seed, node name, purpose) with the step as nonce: nothing
 * to store, nothing to send, and a restarted node redraws the same numbers. What a stream yields does not depend on how
 * many bytes are asked for at a time. Programs call sodium_init() once at their start: without it libsodium gives the
 * same bytes, from its slow portable code. */

struct gsp_stream {
    uint8_t key[32];
    uint64_t nonce;
    uint64_t block; /* next 64-byte block of the key stream */
    uint8_t bytes[512];
    size_t used;
};
void gsp_stream_key(uint8_t key[32], uint64_t seed, const char *node, const char *purpose);
void gsp_stream_init(struct gsp_stream *stream, const uint8_t key[32], uint64_t nonce);
void gsp_stream_bytes(struct gsp_stream *stream, void *out, size_t length);
uint32_t gsp_stream_u32(struct gsp_stream *stream);
uint64_t gsp_stream_u64(struct gsp_stream *stream);
uint64_t gsp_stream_below(struct gsp_stream *stream, uint64_t bound); /* uniform in [0, bound), bound > 0, unbiased */
double gsp_stream_uniform(struct gsp_stream *stream);                 /* uniform in [0, 1), 53 bits */
double gsp_stream_normal(struct gsp_stream *stream); /* N(0, 1), by our own logarithm: same bits anywhere */

/* ---- elementary functions whose results enter x: the same bits on every processor ---- */
double gsp_exp(double x);
double gsp_log1p(double x);
double gsp_ln(double x);
/* cos(pi x), for finite x. */
double gsp_cos_pi(double x);
void gsp_exp_all(size_t n, const double *x, double *out); /* out[i] = gsp_exp(x[i]), same bits; may be in place */

/* ---- double vectors ----
 * Sums run in a fixed number of interleaved lanes, so that a result does not depend on the width of the processor's
 * vectors; they are never contracted to fused operations. */
double gsp_dot(size_t n, const double *a, const double *b);
double gsp_norm2(size_t n, const double *a); /* Euclidean; no overflow guard */
double gsp_norm1(size_t n, const double *a);
void gsp_axpy(size_t n, double alpha, const double *x, double *y);          /* y += alpha x */
void gsp_subtract(size_t n, const double *a, const double *b, double *out); /* out = a - b */
bool gsp_finite(size_t n, const double *a);

#endif
