/* client.h - one request to a daemon's control socket and its replies. */
#ifndef GOSSIP_TOOLS_CTL_CLIENT_H
#define GOSSIP_TOOLS_CTL_CLIENT_H

#include "ctl.h"

#include <gossip/wire.h>

struct client {
    const char *socket; /* borrowed */
    int descriptor;
    struct gsp_buffer frame;
};

enum { CLIENT_MS = 10000 }; /* what a daemon may take for an answer that needs no computing */

/* Functions return an exit code; on any but EXIT_DONE `error` says what is wrong and what to do. */

/* Connects and sends the request. The caller closes the client in any case. */
int client_open(struct client *client, const char *socket, const struct gsp_request *request, struct gsp_error *error);
/* The next reply, which may take `milliseconds`. What the daemon refused is no failure here: reply->code says it. The
 * caller clears the reply. */
int client_next(struct client *client, int milliseconds, struct gsp_reply *reply, struct gsp_error *error);
void client_close(struct client *client);

/* A request with a single reply. */
int client_ask(const char *socket, const struct gsp_request *request, struct gsp_reply *reply, struct gsp_error *error);

/* What gossipctl ends with after this reply. */
int client_exit_code(const struct gsp_reply *reply);
/* Says a failure on stderr and, with --json, as {"error": ...} on stdout; returns `exit_code`. */
int client_fail(const struct ctl *ctl, int exit_code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Asks, and says what failed or was refused. The reply is good only with EXIT_DONE, and then the caller clears it. */
int client_ask_or_say(const struct ctl *ctl, const struct gsp_request *request, struct gsp_reply *reply);
/* Prints a text of lib/report and frees it. NULL: there was no memory for it. */
int client_print(const struct ctl *ctl, char *text);

#endif
