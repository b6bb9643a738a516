/* What the programs of tools/ share: exit codes, words for the user, files, data by a line of text. */
#ifndef GOSSIP_TOOLS_COMMON_H
#define GOSSIP_TOOLS_COMMON_H

#include <gossip/algo.h>
#include <gossip/base.h>
#include <gossip/config.h>
#include <gossip/data.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_NO_DAEMON = 3, /* nothing listens at that socket */
    EXIT_USAGE = 64,    /* the command line */
    EXIT_CONFIG = 78    /* configuration or data */
};

/* The program's name; each main.c defines its own. */
extern const char common_program[];

/* The exit code that a library error stands for. */
int common_exit_code(int error);
/* Prints "PROGRAM: ..." and a line end to stderr. */
void common_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints every problem on a line of its own to stderr. */
void common_say_problems(const struct gsp_problems *problems);
/* Closes stdout; a write that failed, now or before, turns `exit_code` 0 into EXIT_FAILED and is said. */
int common_finish(int exit_code);

/* Prints an option and what it means, wrapped. */
void common_print_entry(const char *name, const char *text);
/* Prints the settings of a run, with their defaults and the kinds of what they name. */
void common_print_settings(void);
/* The kinds that a setting names one of, or NULL. */
const struct gsp_kind *const *common_kinds(const char *setting);

/* Creates a file that must not exist yet, with this mode less the umask. Nothing is left behind on failure; errno
 * tells why. (Reading files: daemon/files.h.) */
int common_create(const char *path, unsigned mode, const void *bytes, size_t length, struct gsp_error *error);

/* Reads peers.conf and its graph. All problems are added; returns 0 only if there was none. */
int common_load_network(struct gsp_network **network, struct gsp_graph **graph, const char *path,
                        struct gsp_problems *problems);

/* ---- data by a line of text ----
 * "train=F,labels=F,test=F,testlabels=F,bias=yes,features=N,split=LABEL" with files, of which train alone is needed, or
 * "synthetic:objective=linear,samples=10000,features=2000,noise=0.05,seed=1". */

#define COMMON_DATA_HELP                                                                                               \
    "train=F,labels=F,test=F,testlabels=F,bias=yes (files: csv and other tables, npy, npz, libsvm, idx, idx.gz; only " \
    "train "                                                                                                           \
    "is needed; of tables label=COLUMN, drop=COLUMN;COLUMN, missing=drop; "                                            \
    "split=5 makes two classes, labels below 5 and the others) "                                                       \
    "or synthetic:objective=linear,samples=10000,features=2000,noise=0.05,seed=1"

struct common_data {
    struct gsp_dataset *train, *test; /* test may be NULL */
    bool bias;                        /* the last column is the ones that bias=yes added */
};
/* `alone`: no other rows are looked at, so that words in them may be numbered by these. GSP_ERR_USAGE for a text that
 * is wrong, GSP_ERR_DATA for files that are. common_data_clear frees. */
int common_data_load(struct common_data *out, const char *text, bool sort_labels, bool alone, struct gsp_error *error);
void common_data_clear(struct common_data *data);

#endif
