/* What each kind of event is to the rooms. */
#include "session/inside.h"

#include <assert.h>

/* ---- what comes in on links ---- */

static void receive(struct gsp_peer *peer, size_t slot, const struct gsp_message *message)
{
    bool taken = gsp__rumours_receive(peer->rumours, slot, message) || gsp__runs_receive(peer->runs, slot, message);
    if (!taken)
        gsp__transport_fail(peer->transport, slot, "a message of type %d that does not belong here",
                            (int)message->type);
    /* A run that has failed is heard of before the next message counts. */
    gsp__rumours_heed(peer->rumours);
}

static void link_up(struct gsp_peer *peer, size_t slot)
{
    gsp__rumours_link_up(peer->rumours, slot);
    gsp__exchange_link_up(peer->exchange, slot);
}

/* Everything that the event has brought, one thing after the other: what a message changes holds for the next. */
static void take_arrivals(struct gsp_peer *peer)
{
    struct gsp__arrival arrival;
    while (gsp__transport_next(peer->transport, gsp__runs_message_limit(peer->runs), &arrival)) {
        switch (arrival.type) {
        case GSP__LINK_UP:
            link_up(peer, arrival.slot);
            break;
        case GSP__LINK_DOWN:
            gsp__exchange_link_down(peer->exchange, arrival.slot);
            break;
        case GSP__MESSAGE:
            receive(peer, arrival.slot, &arrival.message);
            gsp_message_clear(&arrival.message);
            break;
        }
    }
}

/* ---- events ---- */

static void stored(struct gsp_peer *peer, enum gsp_keep file, const char *failure)
{
    if (file == GSP_KEEP_RUN)
        gsp__rumours_stored(peer->rumours, failure);
    else
        gsp__runs_stored(peer->runs, file, failure);
}

static void shut_down(struct gsp_peer *peer)
{
    gsp__rumours_shutdown(peer->rumours);
    peer->host.shutting_down = true;
    if (peer->host.job) gsp_job_cancel(peer->host.job);
    gsp__transport_shutdown(peer->transport, "gossipd is shutting down");
}

/* Events of connections. */
static bool handle_connection(struct gsp_peer *peer, const struct gsp_event *event)
{
    struct gsp__transport *transport = peer->transport;
    switch (event->type) {
    case GSP_EVENT_CONNECTED:
        gsp__transport_connected(transport, event->connected.connection, event->connected.dialed,
                                 event->connected.address);
        break;
    case GSP_EVENT_DIAL_FAILED:
        gsp__transport_dial_failed(transport, event->dial_failed.node, event->dial_failed.reason);
        break;
    case GSP_EVENT_RECEIVED:
        gsp__transport_received(transport, event->received.connection, event->received.bytes, event->received.length);
        break;
    case GSP_EVENT_SENT:
        gsp__transport_sent(transport, event->sent.connection, event->sent.length);
        break;
    case GSP_EVENT_DISCONNECTED:
        gsp__transport_disconnected(transport, event->disconnected.connection, event->disconnected.reason);
        break;
    default:
        return false;
    }
    take_arrivals(peer);
    return true;
}

/* Events of clients and of the program. */
static void handle_other(struct gsp_peer *peer, const struct gsp_event *event)
{
    switch (event->type) {
    case GSP_EVENT_REQUEST:
        gsp__control_request(peer, event->request.client, event->request.bytes, event->request.length);
        return;
    case GSP_EVENT_CLIENT_GONE:
        gsp__control_client_gone(peer, event->client);
        return;
    case GSP_EVENT_FILE:
        gsp__runs_file(peer->runs, event->file.path, event->file.bytes, event->file.length, event->file.failure);
        return;
    case GSP_EVENT_KEPT:
        gsp__runs_kept(peer->runs, event->kept.files, event->kept.failure);
        return;
    case GSP_EVENT_STORED:
        stored(peer, event->stored.file, event->stored.failure);
        return;
    case GSP_EVENT_HISTORY_FAILED:
        gsp__rumours_history_failed(peer->rumours, event->reason);
        return;
    case GSP_EVENT_RELOADED:
        gsp__rumours_reloaded(peer->rumours, event->reloaded.client, event->reloaded.network, event->reloaded.graph,
                              event->reloaded.file, event->reloaded.problems);
        return;
    case GSP_EVENT_JOB_DONE:
        gsp__job_done(&peer->host, event->job_done.job, event->job_done.seconds);
        return;
    case GSP_EVENT_ANSWER:
        gsp__runs_answer(peer->runs, &event->answer);
        return;
    case GSP_EVENT_PROBLEM_AWAY:
    case GSP_EVENT_PROBLEM_STARTING:
        gsp__runs_problem_away(peer->runs, event->reason, event->type == GSP_EVENT_PROBLEM_STARTING);
        gsp__rumours_problem(peer->rumours);
        return;
    case GSP_EVENT_PROBLEM_BEGUN:
        gsp__rumours_problem(peer->rumours);
        gsp__runs_problem_begun(peer->runs);
        return;
    case GSP_EVENT_SHUTDOWN:
        shut_down(peer);
        return;
    case GSP_EVENT_TICK:
        /* Here and not after every event: when the machine stood still, the first link that is read again must not end
         * the others, whose bytes are there and not read yet. */
        gsp__transport_tick(peer->transport);
        take_arrivals(peer);
        return;
    default: /* handle_connection knows the rest */
        assert(!"no such event");
    }
}

void gsp__event_handle(struct gsp_peer *peer, const struct gsp_event *event)
{
    if (!handle_connection(peer, event)) handle_other(peer, event);
}
