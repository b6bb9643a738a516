/* What a message between daemons may hold. */
#include "wire/peer_msg.h"
#include "wire/summary_msg.h"

static int check_run_state(const struct gsp_run_state *state, struct gsp_error *error)
{
    int rc = gsp__check_run(&state->run, error);
    if (!rc && (state->run.epoch || *state->origin)) rc = gsp__check_name(state->origin, "a run's origin", error);
    if (!rc) rc = gsp__check_count(state->stop_round, "stop_round", error);
    if (!rc && state->target_reached && !state->stop_round)
        rc = gsp_error_set(error, GSP_ERR_FORMAT, "a target was reached, but the run has no stop_round");
    if (!rc && state->aborted) rc = gsp__check_name(state->abort_node, "who aborted a run", error);
    return rc;
}

int gsp__check_message(const struct gsp_message *message, struct gsp_error *error)
{
    int rc = 0;
    switch (message->type) {
    case GSP_MSG_WELCOME:
    case GSP_MSG_REFUSED:
    case GSP_MSG_HELLO:
    case GSP_MSG_PING:
    case GSP_MSG_PONG:
    case GSP_MSG_CLOSE:
        return 0;
    case GSP_MSG_RUN_STATE:
        return check_run_state(&message->u.run_state, error);
    case GSP_MSG_RUN_HELLO:
        rc = gsp__check_run(&message->u.run_hello.run, error);
        if (!rc) rc = gsp__check_count(message->u.run_hello.expect, "expect", error);
        if (!rc) rc = gsp__check_count(message->u.run_hello.have, "have", error);
        if (!rc) rc = gsp__check_count(message->u.run_hello.durable, "durable", error);
        return rc ? rc : gsp__check_count(message->u.run_hello.edge_since, "edge_since", error);
    case GSP_MSG_GOSSIP:
        return gsp__check_count(message->u.gossip.step, "step", error);
    case GSP_MSG_HAVE:
        return gsp__check_count(message->u.have.step, "step", error);
    case GSP_MSG_DURABLE:
        return gsp__check_count(message->u.durable.step, "step", error);
    case GSP_MSG_SUMMARY:
        return gsp__check_summary(&message->u.summary, error);
    case GSP_MSG_GONE:
    case GSP_MSG_LOST:
        return gsp__check_run(&message->u.gone.run, error);
    case GSP_MSG_COPY:
    case GSP_MSG_RESYNC:
        rc = gsp__check_run(&message->u.vector.run, error);
        if (!rc && message->u.vector.length % 8)
            rc = gsp_error_set(error, GSP_ERR_FORMAT, "a vector of %zu bytes, no whole number of doubles",
                               message->u.vector.length);
        return rc ? rc : gsp__check_count(message->u.vector.step, "step", error);
    case GSP_MSG_EDGE_AT:
        return gsp__check_count(message->u.edge_at.step, "step", error);
    }
    return gsp_error_set(error, GSP_ERR_FORMAT, "no message has type %d", (int)message->type);
}
