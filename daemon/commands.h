/* commands.h - what a user of these programs types, in the words that lib puts into its messages. */
#ifndef GOSSIPD_COMMANDS_H
#define GOSSIPD_COMMANDS_H

#include <gossip/config.h>

extern const struct gsp_commands daemon_commands;

/* What makes or prints a key, for a message about one that is none. */
#define COMMANDS_OF_KEYS "`gossipctl genkey FILE` makes a private key and `gossipctl pubkey FILE` prints its public key"
/* The same as one more word on an option of a file, to be printed after its help; "" for any other option. */
const char *commands_of_option(const struct gsp_option *option);

#endif
