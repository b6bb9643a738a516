/* `gossipctl version`. */
#include "ctl.h"

#include "config.h"

#include <gossip/wire.h>

#include <stdio.h>

int ctl_version(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf(ctl->json ? "{\"version\":\"%s\",\"protocol\":%d}\n" : "gossipctl %s (protocol %d)\n", PACKAGE_VERSION,
           GSP_PROTOCOL_VERSION);
    return EXIT_DONE;
}
