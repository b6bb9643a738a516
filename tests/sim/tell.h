/* Every event that a test hands to a peer, one function each: the only place in the tests from which a peer is told
 * anything. What the events mean, and who owns what, is said in gossip/session.h. */
#ifndef TESTS_SIM_TELL_H
#define TESTS_SIM_TELL_H

#include <gossip/session.h>

void tell_connected(struct gsp_peer *peer, uint64_t connection, long dialed, const char *address, uint64_t now);
void tell_dial_failed(struct gsp_peer *peer, size_t node, const char *reason, uint64_t now);
void tell_received(struct gsp_peer *peer, uint64_t connection, const void *bytes, size_t length, uint64_t now);
void tell_sent(struct gsp_peer *peer, uint64_t connection, size_t length, uint64_t now);
void tell_disconnected(struct gsp_peer *peer, uint64_t connection, const char *reason, uint64_t now);
void tell_tick(struct gsp_peer *peer, uint64_t now);
void tell_request(struct gsp_peer *peer, uint64_t client, const uint8_t *bytes, size_t length, uint64_t now);
void tell_client_gone(struct gsp_peer *peer, uint64_t client, uint64_t now);
void tell_no_file(struct gsp_peer *peer, const char *path, const char *why, uint64_t now);
void tell_stored(struct gsp_peer *peer, enum gsp_keep file, const char *failure, uint64_t now);
/* GSP_KEEP_COUNT files. */
void tell_kept(struct gsp_peer *peer, const struct gsp_kept_file *files, uint64_t now);
/* Takes network and graph. */
void tell_reload(struct gsp_peer *peer, uint64_t client, struct gsp_network *network, struct gsp_graph *graph,
                 struct gsp_problems *problems, uint64_t now);
/* Runs what is left of the job, in no time, and gives it back. */
void tell_job_done(struct gsp_peer *peer, struct gsp_job *job, uint64_t now);
void tell_answer(struct gsp_peer *peer, const struct gsp_answer *answer, uint64_t now);
void tell_problem_begun(struct gsp_peer *peer, uint64_t now);
void tell_shutdown(struct gsp_peer *peer, uint64_t now);

/* From now on `before` is called before the peer works on an event, and `after` after it. NULL: nothing is. */
void tell_watch(void (*before)(const struct gsp_peer *peer), void (*after)(void));

#endif
