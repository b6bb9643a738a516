/* command.h - what the relay is told while it runs: a line a command. */
#ifndef TESTS_RELAY_COMMAND_H
#define TESTS_RELAY_COMMAND_H

#include "relay.h"

/* Carries out one line (which it cuts into words). Prints "ok", after what was asked for, or "error: ...". */
void command_run(struct relay *relay, char *line, FILE *out);
void command_help(FILE *out);

#endif
