/* The table of commands: the parser, --help and the manual follow it. */
#include "ctl.h"

const struct ctl_command ctl_commands[] = {
    {.name = "genkey",
     .synopsis = "FILE",
     .summary = "make a private key",
     .details = "Writes a new private key to FILE, with mode 0600. FILE must not exist yet: a key is\n"
                "never overwritten. The key stays on the node's own host; its public key goes into\n"
                "peers.conf.\n\n"
                "  gossipctl genkey n001.key\n"
                "  gossipctl pubkey n001.key\n",
     .least = 1,
     .most = 1,
     .run = ctl_genkey},
    {.name = "pubkey",
     .synopsis = "FILE",
     .summary = "print the public key of a private key",
     .details = "Prints the public key, in base64, of the private key in FILE: the PublicKey of the\n"
                "node in peers.conf. FILE must not be readable by others (mode 0600).\n",
     .least = 1,
     .most = 1,
     .json = true,
     .run = ctl_pubkey},
    {.name = "version",
     .synopsis = "",
     .summary = "print the version",
     .details = "Prints the version of gossipctl and of the protocol between nodes.\n",
     .json = true,
     .run = ctl_version},
    {.name = "help",
     .synopsis = "[COMMAND]",
     .summary = "explain a command",
     .details = "Explains a command, or lists them all.\n",
     .most = 1,
     .run = ctl_help},
    {0},
};
