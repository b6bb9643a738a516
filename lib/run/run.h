/* Runs: the run in hand from its adoption to its result, with its node, its steps and its state on the disk; and what
 * the last run that came to its end has left.
 *
 * It learns from the room above which run is in force, when it stops and when it is aborted; it never decides that for
 * others. What makes a run impossible here it reports (gsp__runs_take_failure), and computes nothing more of it. */
#ifndef GOSSIP_RUN_RUN_H
#define GOSSIP_RUN_RUN_H

#include <gossip/problem.h>
#include <gossip/store.h>

#include "exchange/exchange.h"
#include "host/host.h"

struct gsp__runs;

/* ---- life ---- */

struct gsp__runs_config {
    const struct gsp_problem *problem; /* borrowed, outlives the room */
    size_t memory_limit;               /* bytes that a run may take; 0: no limit */
};
/* Borrows the rooms below. GSP_ERR_NOMEM. */
int gsp__runs_new(struct gsp__runs **out, struct gsp__host *host, struct gsp__transport *transport,
                  struct gsp__exchange *exchange, const struct gsp__runs_config *config);
/* No job may be out. NULL is allowed. */
void gsp__runs_free(struct gsp__runs *runs);

/* Goes on from what an earlier life has left; once, in a network, before anything else (asserted). *unwritten: the run
 * state is not in its own file and has to be written there. GSP_ERR_DATA, GSP_ERR_CONFIG or GSP_ERR_NOMEM where it
 * cannot go on, and what is kept must stay as it is. `files` are GSP_KEEP_COUNT, and not looked at afterwards. */
int gsp__runs_restore(struct gsp__runs *runs, const struct gsp_kept_file *files, bool *unwritten,
                      struct gsp_error *error);

/* ---- what is in force ---- */

/* The run state that counts here: epoch 0 before the first run. */
const struct gsp_run_state *gsp__runs_state(const struct gsp__runs *runs);
/* Another run, with a greater key (asserted), takes the place of the one in hand, which is freed, or given up to the
 * job that has it. Its stage is then PREPARING; or ENDED, if the state says aborted; or NO_RUN, if it has no settings,
 * since it is over already, in an earlier network. The state is copied. */
void gsp__runs_adopt(struct gsp__runs *runs, const struct gsp_run_state *state);
/* The run in force stops at this round, not 0, which is not later than where it would have stopped (asserted). */
void gsp__runs_stop(struct gsp__runs *runs, uint64_t round, bool target_reached);
/* The run in force ends at once, as failed or as stopped: for the reason in `state` (abort_...), whose other fields are
 * not looked at. Nothing of it is exchanged any more. */
void gsp__runs_abort(struct gsp__runs *runs, const struct gsp_run_state *state);
/* The network has changed since the run in force ended: its settings go, which says that it is over, and its result
 * stays. */
void gsp__runs_leave(struct gsp__runs *runs);
/* Nothing more is computed, for an abort is on its way to the disk. What a job is at, it finishes. No run: nothing. */
void gsp__runs_halt(struct gsp__runs *runs);
/* Why the run in force cannot go on here: true once, when it has come to that. `reason` has GSP_REASON_MAX + 1 bytes.
 */
bool gsp__runs_take_failure(struct gsp__runs *runs, char *reason);

/* ---- where the run in hand is ---- */

enum gsp__stage {
    GSP__NO_RUN,
    GSP__RUN_PREPARING, /* waits for a job of the run before, or for the file of the initial point */
    GSP__RUN_LOST,      /* waits for what its neighbours have of it */
    GSP__RUN_ACTIVE,
    GSP__RUN_SAVING, /* its last step is done, but its result is not on the disk yet */
    GSP__RUN_ENDED
};
enum gsp__stage gsp__runs_stage(const struct gsp__runs *runs);
bool gsp__runs_going_on(const struct gsp__runs *runs); /* there is one, and it has not ended */
bool gsp__runs_halted(const struct gsp__runs *runs);
/* There must be a run in hand for these three (asserted). */
const struct gsp_settings *gsp__runs_settings(const struct gsp__runs *runs);
uint64_t gsp__runs_last_round(const struct gsp__runs *runs);
/* The furthest step in hand that this node is at, or that others may be at without its knowing. */
uint64_t gsp__runs_furthest(const struct gsp__runs *runs);
/* The greatest message that a neighbour may have to say: of this run, or late ones of the run before. */
size_t gsp__runs_message_limit(const struct gsp__runs *runs);

/* Fills in phase, run, progress, scores, bytes, for whom the run waits, and the reason. `journal_failure`: why the run
 * state cannot be written, for which the run may wait; empty: it can. */
void gsp__runs_describe(const struct gsp__runs *runs, const char *journal_failure, struct gsp_summary *out);
/* The run has been waiting for so long that it should be said. */
bool gsp__runs_waiting(const struct gsp__runs *runs, const char *journal_failure);
/* When it will have; GSP__NEVER. */
uint64_t gsp__runs_waiting_deadline(const struct gsp__runs *runs);

/* ---- what came out ---- */

/* What parameters are parameters of: they are nothing without it, and go nowhere without it. */
struct gsp__origin {
    struct gsp_run_key run; /* epoch 0: there are none */
    char settings[sizeof((struct gsp_run_state *)0)->settings];
    uint8_t data_digest[16];
    uint64_t round;
    size_t d;
};
/* The outcome of a run, whole. */
struct gsp__result {
    struct gsp__origin of;
    double *x, *z; /* d values each, owned */
};
/* A view of parameters; lives until the next event. */
struct gsp__model {
    struct gsp__origin of;
    const double *x, *z;
};
/* The parameters at hand: of the run in hand if it has a node, else what the last run has left. False: there are none.
 * Asked for only while gsp__runs_model_free (asserted): else a job may be writing them. */
bool gsp__runs_model(const struct gsp__runs *runs, struct gsp__model *out);
bool gsp__runs_model_free(const struct gsp__runs *runs);
/* The number of the run whose result init=last would begin from; 0: there is none. */
uint64_t gsp__runs_last_result(const struct gsp__runs *runs);

/* ---- events ---- */

/* A message: GONE is the run's, others are the exchange's, which return false if they are not. */
bool gsp__runs_receive(struct gsp__runs *runs, size_t slot, const struct gsp_message *message);
/* The file of init=file that was asked for, or why it cannot be read, which fails the run. Not awaited any more:
 * nothing. */
void gsp__runs_file(struct gsp__runs *runs, const char *path, const uint8_t *bytes, size_t length, const char *failure);
/* The STORE that is out (asserted), of a checkpoint or the result, is on the disk, or why not: then it is tried again.
 */
void gsp__runs_stored(struct gsp__runs *runs, enum gsp_keep file, const char *failure);
/* What a problem that answers later was asked for. An answer to another question than the one in hand: nothing. */
void gsp__runs_answer(struct gsp__runs *runs, const struct gsp_answer *answer);
/* What answers is not there, or (`starting`) not yet; `reason` is for status, and copied. */
void gsp__runs_problem_away(struct gsp__runs *runs, const char *reason, bool starting);
/* What answers has begun, or begun anew: the question is asked again, or the run goes back to its checkpoint. */
void gsp__runs_problem_begun(struct gsp__runs *runs);
/* For status. */
void gsp__runs_describe_worker(const struct gsp__runs *runs, struct gsp_worker_status *out);
/* What is kept on the disk, read again to go back to the checkpoint; `files` are GSP_KEEP_COUNT. Not asked for any
 * more: nothing. */
void gsp__runs_kept(struct gsp__runs *runs, const struct gsp_kept_file *files, const char *failure);

/* ---- what may have become possible ---- */

/* Whole vectors for neighbours, and what edges wait for. Nothing happens unless the node's vectors are free. */
void gsp__runs_serve(struct gsp__runs *runs);
/* Goes on from gathered state, once that is enough (LOST becomes ACTIVE); neighbours that have been away for too long
 * stop counting. */
void gsp__runs_tick(struct gsp__runs *runs);
/* Hands out the next piece of work: the beginning, a step, an evaluation, a checkpoint. Nothing happens while a job or
 * a question is out, or `held`: a run state is on its way to the disk. */
void gsp__runs_advance(struct gsp__runs *runs, bool held);
/* Hands out the next file that is to be written, if none is out and it is time. */
void gsp__runs_write(struct gsp__runs *runs);
/* Nobody may hear of this node before a damaged checkpoint is whole again. */
bool gsp__runs_repairing(const struct gsp__runs *runs);
/* A file is being written. */
bool gsp__runs_writing(const struct gsp__runs *runs);
/* When a file that could not be written is tried again; GSP__NEVER. */
uint64_t gsp__runs_deadline(const struct gsp__runs *runs);
/* Why the last attempt to write failed; empty: it did not. */
const char *gsp__runs_disk_failure(const struct gsp__runs *runs);

/* ---- settings ---- */

/* Whether init=file names a file that may be asked for: only .npy, so that who may start a run cannot read other files
 * of other hosts. GSP_ERR_CONFIG. */
int gsp__init_file_check(const struct gsp_settings *settings, struct gsp_error *error);

#endif
