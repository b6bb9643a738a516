/* state.h - the folder of one daemon's state: made when missing, locked while the daemon runs. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <gossip/base.h>

struct state_folder {
    char *path;
    char *socket; /* path of the control socket in it */
    int lock;     /* descriptor that holds the lock; -1: none */
};

/* Whether the folder could be used, changing nothing. GSP_ERR_CONFIG and a remedy if not. */
int state_folder_check(const char *path, struct gsp_error *error);
/* Makes the folder if it is missing (mode 0700) and takes its lock, which ends with the process, however that ends.
 * GSP_ERR_CONFIG if it can't be used, GSP_ERR_STATE if another daemon holds it. */
int state_folder_open(struct state_folder *out, const char *path, struct gsp_error *error);
void state_folder_close(struct state_folder *folder);

#endif
