/* gossipctl: what its commands share. A command is one file, which ends with its struct ctl_command, and
 * one row of the table in commands.c. */
#ifndef GOSSIP_TOOLS_CTL_H
#define GOSSIP_TOOLS_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/common/common.h"

#define CTL_SOCKET "/var/lib/gossipd/control.sock"

/* Words that --help and the manual share. */
#define CTL_JSON_HELP "print JSON, for programs to read"
#define CTL_SOCKET_HELP                                                                                                \
    "the control socket of the daemon to talk to: State/control.sock of its gossipd.conf (default: the environment's " \
    "GOSSIPD_SOCKET, else " CTL_SOCKET ")"
#define CTL_FIRST_NETWORK                                                                                              \
    "gossipctl init --nodes 9 --topology torus --dir net \\\n"                                                         \
    "    --data synthetic:objective=linear,samples=900,features=20\n"                                                  \
    "for node in net/n*; do gossipd -c $node/gossipd.conf & done\n"                                                    \
    "gossipctl -s net/n001/state/control.sock start objective=linear --wait\n"

/* An option of a command: "--nodes" with argument "N", or a flag without. */
struct ctl_option {
    const char *name, *argument, *help;
};

struct ctl;

struct ctl_command {
    const char *name;
    const char *synopsis;                               /* what follows the name: "FILE [--force]"; may be "" */
    const char *summary;                                /* one line, for the list of commands */
    const char *details;                                /* paragraphs and examples, for --help; ends with a line end */
    const struct ctl_option *options;                   /* ends with a NULL name; NULL: none */
    int least, most;                                    /* operands; most -1: any number */
    bool json;                                          /* takes --json */
    bool settings;                                      /* --help lists the settings of a run */
    int (*run)(struct ctl *ctl, int argc, char **argv); /* gets the operands alone; returns an exit code */
};

enum { CTL_OPTIONS_MAX = 16 };

struct ctl {
    const char *socket; /* -s, or GOSSIPD_SOCKET, or CTL_SOCKET */
    bool json;          /* --json was given */
    const struct ctl_command *command;
    const char *values[CTL_OPTIONS_MAX]; /* beside command->options; NULL: not given */
};

/* The value of an option ("" for a flag that was given), or NULL if it was not given. */
const char *ctl_value(const struct ctl *ctl, const char *option);
/* Says on stderr what is wrong with the command line and where to read on; returns EXIT_USAGE. */
int ctl_usage(const struct ctl *ctl, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Explains a command, or (NULL) lists them all; returns EXIT_DONE. */
int ctl_print_help(const struct ctl_command *command);

/* The manual page, in mdoc; returns EXIT_DONE. */
int ctl_print_manual(void);

/* The table of commands, ends with NULL. */
extern const struct ctl_command *const ctl_commands[];
/* The command of that name, or NULL; then the usage error is said. */
const struct ctl_command *ctl_find(const struct ctl *ctl, const char *name);

/* Writes a new private key to a file that must not exist yet (mode 0600); its public key goes to `public_key`, which
 * may be NULL. errno is EEXIST if the file was there. */
int ctl_write_key(const char *path, uint8_t public_key[32], struct gsp_error *error);

#endif
