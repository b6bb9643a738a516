/* `gossipctl version`. */
#include "ctl.h"

#include "config.h"

#include <gossip/wire.h>

#include <stdio.h>

static int run_version(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf(ctl->json ? "{\"version\":\"%s\",\"protocol\":%d}\n" : "gossipctl %s (protocol %d)\n", PACKAGE_VERSION,
           GSP_PROTOCOL_VERSION);
    return EXIT_DONE;
}

const struct ctl_command ctl_version = {
    .name = "version",
    .synopsis = "",
    .summary = "print the version",
    .details = "Prints the version of gossipctl and of the protocol between nodes.\n",
    .json = true,
    .run = run_version,
};
