/* What a listed node can't do, however it misbehaves: it may spoil a run, but not the memory, the log, the files or the
 * later runs of the others. */
#include "session/peer.h"

#include <string.h>

/* Whether something that may happen `burst` times at once, and once more every `time` ms, may happen now. *until is
 * when all that did will have been made good. */
bool gsp__allow(uint64_t *until, uint64_t now, uint64_t time, uint64_t burst)
{
    uint64_t from = *until > now ? *until : now;
    if (from + time - now > burst * time) return false;
    *until = from + time;
    return true;
}

/* ---- the log ---- */

static void write_some(void *context, enum gsp_log_level level, const char *message)
{
    struct gsp_peer *peer = context;
    if (level >= GSP_LOG_INFO) {
        if (!gsp__allow(&peer->log_until, peer->now, GSP__LOG_LINES_TIME, GSP__LOG_LINES_BURST)) {
            peer->lines_left_out++;
            return;
        }
        if (peer->lines_left_out)
            gsp_log(&peer->sink, GSP_LOG_WARNING, "%zu lines were left out here: too many at once",
                    peer->lines_left_out);
        peer->lines_left_out = 0;
    }
    gsp_log(&peer->sink, level, "%s", message);
}

/* The caller's log, but never more than it can take: others have a say in how much there is to tell. */
struct gsp_log gsp__log_limited(struct gsp_peer *peer)
{
    return (struct gsp_log){.write = write_some, .context = peer};
}

/* ---- connections ---- */

/* Of the node's connections that are ending in order the oldest is cut, if there are too many. */
void gsp__closing_limit(struct gsp_peer *peer, size_t node)
{
    struct gsp__connection *oldest = NULL;
    size_t count = 0;
    for (struct gsp__connection *c = peer->connections; c; c = c->following) { /* the newest first */
        if (c->node != node || c->state != GSP__CLOSING || c->cut) continue;
        oldest = c;
        count++;
    }
    if (count > GSP__CLOSING_PER_NODE_MAX) gsp__connection_cut(peer, oldest);
}

/* ---- numbers ---- */

static bool is_news(const struct gsp_run_state *mine, const struct gsp_run_state *theirs)
{
    int order = gsp_run_key_compare(&theirs->run, &mine->run);
    if (order != 0) return order > 0;
    return theirs->stop_round != mine->stop_round || theirs->aborted != mine->aborted ||
           gsp__run_state_compare_aborts(theirs, mine) != 0;
}

/* Whether a run state may be looked at. Else its connection ends: a run number near the end of all numbers would leave
 * none for the runs to come, and too many run states would keep this node busy with nothing else. */
bool gsp__run_state_allowed(struct gsp_peer *peer, struct gsp__connection *connection,
                            const struct gsp_run_state *theirs)
{
    const struct gsp_run_state *wanted = &peer->journal.wanted;
    uint64_t mine = wanted->run.epoch;
    if (!is_news(wanted, theirs)) return true;
    if (theirs->run.epoch > (mine ? mine + GSP__EPOCH_STEP_MAX : GSP__NUMBER_FREE_MAX)) {
        gsp__connection_fail(peer, connection, "it tells of run %llu, but the last one here is %llu",
                             (unsigned long long)theirs->run.epoch, (unsigned long long)mine);
        return false;
    }
    struct gsp__link *link = gsp__link_of(peer, connection->node);
    if (gsp__allow(&link->run_states_until, peer->now, GSP__RUN_STATES_TIME, GSP__RUN_STATES_BURST)) return true;
    gsp__connection_fail(peer, connection, "it tells of more runs than anyone can start");
    return false;
}

/* Whether a count can have grown so far in the time that nothing was heard of it; see limits.h. */
bool gsp__number_plausible(uint64_t known, uint64_t number, uint64_t step)
{
    return number <= (known > GSP__NUMBER_FREE_MAX ? known : GSP__NUMBER_FREE_MAX) + step;
}

/* ---- files ---- */

/* Who may start a run must not thereby read other hosts' files: x0 reaches the neighbours, and whether a file is there
 * shows in the reason of a run that fails. The driver keeps to the folders that are laid out for gossipd; here what no
 * parameters are kept in is refused at once. */
int gsp__init_file_check(const struct gsp_settings *settings, struct gsp_error *error)
{
    static const char ending[] = ".npy";
    const char *name = settings->init_file;
    size_t length = strlen(name);
    if (settings->init != GSP_INIT_FILE) return 0;
    if (length > strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0) return 0;
    return gsp_error_set(error, GSP_ERR_CONFIG,
                         "init=file:%s: must be a .npy file in the folder of gossipd.conf or peers.conf", name);
}
