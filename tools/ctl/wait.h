/* wait.h - following a run to its end. */
#ifndef GOSSIP_TOOLS_CTL_WAIT_H
#define GOSSIP_TOOLS_CTL_WAIT_H

#include "ctl.h"

#include <gossip/wire.h>

/* Shows the progress of run `run` until it is over on all nodes. Returns an exit code: EXIT_FAILED if it failed, was
 * stopped, or if this node dropped it for another run. */
int wait_for_run(const struct ctl *ctl, const struct gsp_run_key *run);

#endif
