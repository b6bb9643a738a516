/* gossip/config.h - option tables, the strict INI parser, the network file, a daemon's file and a run's settings.
 *
 * One table holds every key: its type, range, default, unit and help. Parsers, --help and manual pages read that
 * table. Parsers take bytes, never paths they would open. */
#ifndef GOSSIP_CONFIG_H
#define GOSSIP_CONFIG_H

#include <gossip/base.h>

#define GSP_NAME_MAX        32  /* a node's name: 1 to 32 of a-z 0-9 - . */
#define GSP_FINGERPRINT_MAX 100 /* the name of what computes gradients: so many bytes at most */
#define GSP_KEY_BYTES       32
#define GSP_NODES_MAX       4096

/* ---- option tables ---- */

enum gsp_option_type {
    GSP_OPTION_TEXT,
    GSP_OPTION_COUNT,  /* an integer in [minimum, maximum] */
    GSP_OPTION_NUMBER, /* a finite real in [minimum, maximum] */
    GSP_OPTION_YES_NO,
    GSP_OPTION_CHOICE /* one of `choices`, separated by spaces; a trailing ':' marks a prefix followed by free text */
};

struct gsp_option {
    const char *section; /* "Daemon", "Network", ...; NULL for the settings of a run */
    const char *key;
    enum gsp_option_type type;
    const char *choices; /* CHOICE; for COUNT and NUMBER a word that may stand instead of a number ("auto"), or NULL */
    double minimum, maximum;
    const char *unit;     /* or NULL */
    const char *fallback; /* the default, as it would be written; NULL: none, and the key must be given */
    bool required, repeatable;
    const char *unless; /* a section with which it is not required; NULL: none */
    const char *help;   /* one line */
};
/* Tables end with an entry whose key is NULL. */
const struct gsp_option *gsp_network_options(void);  /* peers.conf */
const struct gsp_option *gsp_daemon_options(void);   /* gossipd.conf */
const struct gsp_option *gsp_settings_options(void); /* of a run */

/* Numbers as files and command lines write them, whatever the process's locale: the whole text must be one number. 0 or
 * GSP_ERR_CONFIG. Counts take digits alone, no sign. */
int gsp_count_parse(uint64_t *out, const char *text);
int gsp_number_parse(double *out, const char *text); /* finite; no hexadecimal, no white space */
/* The shortest decimal text that reads back as the same double; `size` of 32 is always enough. */
void gsp_number_format(char *text, size_t size, double value);

/* Checks a value against its option. On failure `reason` says what is wrong and what is right. */
int gsp_option_check(const struct gsp_option *option, const char *value, char *reason, size_t size);

/* ---- kinds: what a setting may name, with parameters, as in "topk:fraction=0.1" ----
 *
 * A layer that has kinds of something (lib/algo has compressors, lib/data objectives) has one table of them. Parser,
 * help, manual page and tests read it. */

enum gsp_parameter_type {
    GSP_PARAMETER_NUMBER, /* a double above 0, at most `maximum` */
    GSP_PARAMETER_COUNT,  /* a size_t from 1 to `maximum` */
    GSP_PARAMETER_FLAG,   /* a bool, true where the key stands; it takes no value */
    GSP_PARAMETER_WORD    /* an int, the place of the word in `words` */
};

struct gsp_parameter {
    const char *key;
    const char *letter; /* what stands for its value in help: the F of "fraction=F"; NULL for a flag */
    enum gsp_parameter_type type;
    size_t offset; /* where it is stored in the structure that a kind's text is read into */
    bool required;
    double fallback; /* what is stored where an optional one is not given; it is not written either */
    double maximum;
    const char *const *words; /* end with NULL */
};

struct gsp_kind {
    const char *name;
    const char *help;    /* what it is, for users, in half a line; the letters of its parameters are explained */
    const char *example; /* a text that is read, with all that is required */
    const struct gsp_parameter *parameters; /* those that are required first; at most 63; the last has no key */
};
/* Tables are arrays of pointers that end with NULL. */
const struct gsp_kind *gsp_kind_find(const struct gsp_kind *const *kinds, const char *name);
/* Reads "NAME", "NAME:KEY=VALUE,KEY,..." into *kind and the parameters' places in *target. `what` is what the kinds are
 * of, for messages: "compressor". GSP_ERR_CONFIG with a suggestion; *target may then be half written. */
int gsp_kind_parse(const struct gsp_kind *const *kinds, const char *what, const char *text,
                   const struct gsp_kind **kind, void *target, struct gsp_error *error);
/* The canonical text: the parameters in the order of the table, without what is as it would be if not given. */
void gsp_kind_format(const struct gsp_kind *kind, const void *target, char *text, size_t size);
/* What may be written: "qsgd:bits=B[,bucket=N][,values=W]", "sign[:bucket=N,values=W]". */
void gsp_kind_usage(const struct gsp_kind *kind, char *text, size_t size);

/* "host:port", "1.2.3.4:7400" or "[::1]:7400" (the brackets are dropped). On failure `reason` says what is wrong. */
int gsp_endpoint_parse(char host[254], uint16_t *port, const char *text, char *reason, size_t size);
/* Whether `name` may name a node: 1 to 32 of a-z 0-9 - . , the first a letter or digit. */
bool gsp_name_valid(const char *name);

/* ---- the network file: peers.conf ---- */

enum gsp_weights { GSP_WEIGHTS_METROPOLIS, GSP_WEIGHTS_UNIFORM, GSP_WEIGHTS_EXPLICIT };

struct gsp_network_node {
    char name[GSP_NAME_MAX + 1];
    uint8_t public_key[GSP_KEY_BYTES];
    char host[254]; /* empty: the node only dials out */
    uint16_t port;
    int line;
};

struct gsp_network_edge {
    size_t a, b;   /* indices into nodes */
    double weight; /* Weights = explicit, else 0 */
    int line;
};

struct gsp_network {
    char name[64];
    char topology[64]; /* "torus", "random:degree=4,seed=1", "edges", ... */
    enum gsp_weights weights;
    size_t count;
    struct gsp_network_node *nodes; /* in the order of the file */
    size_t edge_count;
    struct gsp_network_edge *edges; /* Topology = edges only */
    int topology_line;
};

/* Parses peers.conf. Every problem found is added to `problems`; returns 0 only if there was none. `file` names the
 * file in messages. The caller owns *out and frees it with gsp_network_free. Whether the graph is connected and its
 * weights are right is gsp_graph_from_network's to say (gossip/algo.h). */
int gsp_network_parse(struct gsp_network **out, const char *file, const char *text, size_t length,
                      struct gsp_problems *problems);
void gsp_network_free(struct gsp_network *network);
/* Index of a node by name, or -1. */
long gsp_network_find(const struct gsp_network *network, const char *name);

/* ---- a daemon's file: gossipd.conf ---- */

/* A value is missing where a field is empty, ?, NA, nan, null, ...: an error that says how many in which columns, or
 * their rows are left out. */
enum gsp_missing { GSP_MISSING_REFUSE, GSP_MISSING_DROP };
/* What the indices of libsvm count from; detected: 0 where an index is 0, else 1. */
enum gsp_base { GSP_BASE_DETECTED, GSP_BASE_ZERO, GSP_BASE_ONE };

/* Where a node's rows are, and how they are read. Texts are NULL where not given; struct gsp_data_options
 * (gossip/data.h) says what they mean. */
struct gsp_data_config {
    char *train, *labels, *test, *test_labels; /* paths as written */
    char *label, *drop;
    enum gsp_missing missing;
    enum gsp_base base;
    bool bias;
    size_t features; /* 0: from the file */
};
/* The key of [Data] of this name, in any case, or NULL. */
const struct gsp_option *gsp_data_option(const char *key);
/* Takes a value that gsp_option_check accepts. GSP_ERR_NOMEM. */
int gsp_data_config_set(struct gsp_data_config *config, const struct gsp_option *option, const char *value);
void gsp_data_config_clear(struct gsp_data_config *config);

struct gsp_daemon_config {
    char node[GSP_NAME_MAX + 1];
    char *peers, *private_key, *state; /* paths as written: relative ones count from the folder of the file */
    char listen_host[254];
    uint16_t listen_port;
    struct gsp_data_config data;
    bool worker;           /* there is a [Worker] */
    char *worker_command;  /* NULL: one may connect */
    double worker_timeout; /* seconds; 0: none */
};
int gsp_daemon_config_parse(struct gsp_daemon_config **out, const char *file, const char *text, size_t length,
                            struct gsp_problems *problems);
void gsp_daemon_config_free(struct gsp_daemon_config *config);

/* Keys in base64 (44 characters, white space around them allowed). */
int gsp_key_decode(uint8_t key[GSP_KEY_BYTES], const char *text, size_t length, struct gsp_error *error);
void gsp_key_encode(char text[45], const uint8_t key[GSP_KEY_BYTES]);
/* The public key of a private one (X25519). GSP_ERR_AUTH: it has none. */
int gsp_public_key(uint8_t public_key[GSP_KEY_BYTES], const uint8_t secret_key[GSP_KEY_BYTES]);

/* ---- the settings of a run ---- */

enum gsp_eta_schedule { GSP_ETA_CONSTANT, GSP_ETA_COSINE };
/* How nodes count in f: alike, f = sum f_i / n; or by their rows m_i, f = sum m_i f_i / sum m_i, as all rows in one
 * place would. Auto is resolved at the start (gsp_weight_resolve, gossip/data.h); in a run that began without it, nodes
 * count alike. */
enum gsp_weight { GSP_WEIGHT_AUTO, GSP_WEIGHT_NODES, GSP_WEIGHT_ROWS };
enum gsp_init {
    GSP_INIT_AUTO, /* resolved at the start (gsp_objective_settings, gossip/data.h); in a run that began without it,
                      zeros */
    GSP_INIT_ZEROS,
    GSP_INIT_NORMAL,
    GSP_INIT_NORMAL_SAME,
    GSP_INIT_LAST,
    GSP_INIT_WORKER,
    GSP_INIT_FILE
};

struct gsp_settings {
    uint64_t rounds;       /* T */
    uint64_t gossip_steps; /* Q */
    bool eta_auto, gamma_auto;
    double eta, eta_decay, gamma; /* the step size of a round: gsp_eta_at (gossip/algo.h) */
    enum gsp_eta_schedule eta_schedule;
    double momentum;     /* mu; 0: none */
    char compressor[64]; /* as written; gsp_compressor_parse reads it */
    char objective[64];  /* as written; gsp_objective_parse reads it */
    uint64_t classes;    /* 0: auto */
    double l2;
    uint64_t batch; /* rows a stochastic gradient; 0: all */
    enum gsp_weight weight;
    double mean_rows; /* with weight=rows, once resolved: sum m_i / n; else 0 */
    uint64_t seed;
    enum gsp_init init;
    char init_file[512];
    uint64_t checkpoint_every; /* rounds between checkpoints; 0: only at the end or when the log is full */
    uint64_t log_limit;        /* bytes of own messages kept for neighbours that replay them */
    bool reweight;             /* on_peer_loss: go on without a neighbour that is away ... */
    double loss_time;          /* ... for so many seconds */
    double target_loss;        /* 0: none */
    double timeout;            /* seconds that start waits for missing nodes */
};
/* Fills in the defaults. */
void gsp_settings_default(struct gsp_settings *settings);
/* Applies one "key=value". The message of a failure names the key, the value, what is allowed and, for an unknown key,
 * the nearest known one. */
int gsp_settings_set(struct gsp_settings *settings, const char *assignment, struct gsp_error *error);
/* The settings as "key=value" lines, one for every key of the table, that give the same settings (to the last bit) when
 * read back. The caller frees the text. */
char *gsp_settings_format(const struct gsp_settings *settings);
/* Reads what gsp_settings_format wrote. */
int gsp_settings_parse(struct gsp_settings *settings, const char *text, struct gsp_error *error);
#endif
