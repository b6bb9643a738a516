/* inquire.h - asks a worker what it is, as gossipd would, and sends it away. */
#ifndef GOSSIP_TOOLS_CTL_INQUIRE_H
#define GOSSIP_TOOLS_CTL_INQUIRE_H

#include <gossip/problem.h>

#define INQUIRE_SECONDS 60 /* that it may take to say so: large libraries take a while to load */

/* Runs `command` in `folder` as the worker of `node` until it has said what it is. No process of it is left.
 * GSP_ERR_STATE with the reason, GSP_ERR_IO, GSP_ERR_NOMEM. */
int inquire_worker(struct gsp_worker_facts *out, const char *command, const char *folder, const char *node,
                   struct gsp_error *error);

#endif
