/* unix_socket.h - the control socket's address, for the daemon that listens and for the tool that connects. */
#ifndef DAEMON_UNIX_SOCKET_H
#define DAEMON_UNIX_SOCKET_H

#include <gossip/base.h>

/* A listening socket at `path`, mode 0660. What a daemon left there that is gone is replaced; GSP_ERR_STATE if one
 * answers, or if something else than a socket is in the way. */
int unix_socket_listen(int *out, const char *path, struct gsp_error *error);
/* A connection to `path` (a blocking descriptor), or -1 with errno set: EAGAIN if nobody took it up in time. */
int unix_socket_connect(const char *path, unsigned milliseconds);

#endif
