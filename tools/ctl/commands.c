/* The table of commands, in the order in which --help lists them. ctl_NAME is in the command's own file. */
#include "ctl.h"

#define COMMANDS(X)                                                                                                    \
    X(genkey)                                                                                                          \
    X(pubkey)                                                                                                          \
    X(init)                                                                                                            \
    X(check)                                                                                                           \
    X(start)                                                                                                           \
    X(stop)                                                                                                            \
    X(status)                                                                                                          \
    X(peers)                                                                                                           \
    X(history)                                                                                                         \
    X(plot)                                                                                                            \
    X(eval)                                                                                                            \
    X(reload)                                                                                                          \
    X(dump)                                                                                                            \
    X(health)                                                                                                          \
    X(version)                                                                                                         \
    X(help)

#define DECLARE(name) extern const struct ctl_command ctl_##name;
COMMANDS(DECLARE)

#define ENTRY(name) &ctl_##name,
const struct ctl_command *const ctl_commands[] = {COMMANDS(ENTRY) NULL};
