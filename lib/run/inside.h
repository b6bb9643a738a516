/* The inside of the runs, for their own files alone.
 *
 *   runs.c        what is in force                           stages.c    the run in hand: stages, clock, bytes, end
 *   begin.c       settings, the initial point, the node
 *   advance.c     the next piece of work                     step.c      a step and an evaluation
 *   ask.c         questions to a problem that answers later  answerer.c  who answers goes, and is there again
 *   makers.c      what computes the gradients             heard.c      what status says of who answers
 *   checkpoint.c  when state goes to the disk                disk.c      the two slots and the result, written
 *   restore.c     what a life before left, going back to it  lost.c      what neighbours have in its place
 *   result.c      what came out                              history.c   a line for every round
 *   describe.c    what status says                           memory.c    what a run takes */
#ifndef GOSSIP_RUN_INSIDE_H
#define GOSSIP_RUN_INSIDE_H

#include "host/job.h"
#include "host/retry.h"
#include "run/run.h"

/* The initial point from a file. */
struct gsp__initial_file {
    bool awaited;
    double *values;
    size_t shape[2];
};

/* Steps on the disk (doc/protocol.md, "Links"). */
struct gsp__plan {
    uint64_t gap, reach;     /* c and L: steps between checkpoints, and how far beyond the durable one steps may go */
    uint64_t saved, durable; /* the steps of the newest snapshot and of the older of two valid checkpoints, or 1 */
    /* Not 0: this node went on from its neighbours' copies at this step, and nothing is begun before that is durable:
     * else another loss of the disk would take steps back that others have built on. */
    uint64_t fence;
};

struct gsp__clock {
    double seconds_before;       /* of earlier lives */
    uint64_t begun_at, ended_at; /* first work, end; GSP__NEVER */
    uint64_t waiting_since;      /* GSP__NEVER: not waiting */
};

/* What all links had sent and received when the run began; less, modulo 2^64, what earlier lives had in it. */
struct gsp__traffic {
    uint64_t sent_before, received_before;
    uint64_t sent, received; /* in the run, once it has ended: links go on talking */
};

struct gsp__scores {
    double loss, accuracy, first_loss; /* NaN: not known yet */
    uint64_t evaluated_at, evaluated_round, evaluation_ms;
    struct gsp_history_row row; /* of the last completed round: its loss is not known before the next gradient */
};

/* A question to a problem that answers later, and the step that waits for it. */
struct gsp__asking {
    bool out;
    bool state_kept; /* the last answer came without the state that it led to: no checkpoint can be taken */
    struct gsp_question question;
    struct gsp_work work; /* GRADIENT: its vectors stay lent meanwhile */
};

struct gsp__run {
    struct gsp_run_key key;
    struct gsp_settings settings;
    enum gsp__stage stage;  /* gsp__run_enter */
    enum gsp_phase outcome; /* SAVING, ENDED: done, stopped or failed */
    bool halted;            /* aborted here: nothing more is computed while that is on its way to the disk */
    bool restarted;         /* began in an earlier life of this node */
    bool rolling_back;      /* PREPARING: goes back to its newest checkpoint, ... */
    bool reading;           /* ... which is being read */
    bool state_lost;        /* it went on from its neighbours' copies: what the task carries besides x is nowhere */
    size_t d, payload_bound, payload_bound_before; /* the latter: of the run before, whose last messages may be late */
    struct gsp_task *task;
    struct gsp_node *node;
    uint64_t last_round;
    uint64_t replay_until; /* others may be as far as this step without this node's knowing; 0: it never restarted */
    struct gsp__initial_file file;
    struct gsp_makers makers; /* what has computed gradients of this run here */
    struct gsp__plan plan;
    struct gsp__clock clock;
    struct gsp__traffic traffic;
    struct gsp__scores scores;
    struct gsp__asking asking;
};

struct gsp__slot {
    bool valid;
    struct gsp_run_key run;
    uint64_t step, generation;
};

struct gsp__disk {
    struct gsp__slot slots[2];
    uint64_t generation;
    struct gsp_run_key run; /* of the checkpoint in hand */
    uint64_t step;
    struct gsp_buffer bytes, result; /* the checkpoint in hand, and the result beside it */
    unsigned left;                   /* files still to be written: bits by enum gsp_keep */
    bool out;
    enum gsp_keep file;
    struct gsp__retry retry;
    bool repairing; /* a damaged slot is being replaced: until then no neighbour hears of this node */
};

/* What answers later, as status says it. */
struct gsp__answerer {
    char away[GSP_REASON_MAX / 2]; /* why it is not there; empty: it is, or nothing answers later */
    bool starting;                 /* it is not there yet */
    uint64_t since;                /* of whatever it does */
    bool timed;                    /* a step was made, ... */
    double step_seconds;           /* ... and took so long */
    size_t metric_count;
    struct gsp_metric metrics[GSP_METRICS_MAX];
};

struct gsp__runs {
    struct gsp__host *host;
    struct gsp__transport *transport; /* for its count of bytes */
    struct gsp__exchange *exchange;
    const struct gsp_problem *problem;
    size_t memory_limit;
    uint8_t data_digest[16];
    bool tested;                /* the problem has data of its own to be evaluated on */
    struct gsp_run_state state; /* in force; epoch 0: none yet */
    struct gsp__run *run;       /* NULL: none */
    struct gsp__disk disk;
    struct gsp__result last;
    struct gsp__answerer answerer;
    bool failed; /* `failure` is to be reported */
    char failure[GSP_REASON_MAX + 1];
};

/* ---- stages.c ---- */

/* A run of the state in force, PREPARING, with nothing of its own yet; NULL without memory, which is logged. */
struct gsp__run *gsp__run_new(struct gsp__runs *runs);
/* Frees a run that no job has, with node and task. NULL is allowed. */
void gsp__run_free(struct gsp__run *run);
/* Takes the run out of hand: frees it now, or when the job that has it comes back. */
void gsp__run_drop(struct gsp__runs *runs);
/* The one place where a run's stage changes; asserts that the move is allowed. */
void gsp__run_enter(struct gsp__run *run, enum gsp__stage stage);
/* Sets last_round from the settings and the stop in force; tells the exchange. No run: nothing. */
void gsp__run_allow(struct gsp__runs *runs);
/* The run cannot go on here: halts it, and keeps the words for gsp__runs_take_failure; of two the first. */
void gsp__run_fail(struct gsp__runs *runs, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The vectors of the run in hand are not lent; true where there is none. */
bool gsp__run_at_rest(const struct gsp__runs *runs);
uint64_t gsp__run_last_step(const struct gsp__run *run);
/* Since when the run waits (GSP__NEVER: it works); tells the exchange. There is a run. */
void gsp__run_set_waiting(struct gsp__runs *runs, uint64_t since);
/* Done or stopped, after its last round; failed or stopped, where it was aborted. */
enum gsp_phase gsp__run_outcome(const struct gsp__runs *runs);
/* ENDED, with this outcome; from any stage. Clock and bytes stand still, a question is withdrawn. */
void gsp__run_end(struct gsp__runs *runs, enum gsp_phase outcome);
/* The state in force is aborted: says so in the log, closes the exchange, and ends the run if there is one. */
void gsp__run_end_aborted(struct gsp__runs *runs);
/* Opens the exchange with the run's node, which is there. */
void gsp__run_open(struct gsp__runs *runs);

/* Its clock and its bytes. */

double gsp__run_seconds(const struct gsp__runs *runs);                                 /* NaN: it has not begun */
void gsp__run_bytes(const struct gsp__runs *runs, uint64_t *sent, uint64_t *received); /* every life */
void gsp__run_stop_counting(struct gsp__runs *runs); /* seconds and bytes stand still from now on */

/* A neighbour's z is awaited: the run does not go on yet. */
bool gsp__lost_gathering(const struct gsp__run *run);

/* ---- begin.c ---- */

/* Reads the settings of the state in force, and checks that they are resolved and that this node can run them.
 * GSP_ERR_CONFIG, GSP_ERR_LIMIT, GSP_ERR_USAGE. */
int gsp__run_settings(const struct gsp__runs *runs, struct gsp_settings *settings, struct gsp_error *error);
/* Asks for the file of init=file; the run waits for it. */
void gsp__run_read_file(struct gsp__runs *runs);
/* Poses the problem for the run's settings: sets task and d. Errors as of `pose`; nothing is left behind then. */
int gsp__run_pose(struct gsp__runs *runs, struct gsp__run *run, struct gsp_error *error);
/* What its node is made from; plans its checkpoints, too. */
int gsp__run_node_config(const struct gsp__runs *runs, struct gsp__run *run, struct gsp_node_config *config,
                         struct gsp_error *error);
/* PREPARING, and everything the run needs is there: poses the problem, makes the node, opens the exchange; ACTIVE. Or
 * the run fails. */
void gsp__run_begin(struct gsp__runs *runs);

/* ---- restore.c ---- */

/* Goes back to the newest checkpoint of the run in hand, as after a death: PREPARING until the files are read again. */
void gsp__run_roll_back(struct gsp__runs *runs);
/* Reads that checkpoint, when nothing is on its way to the disk any more. */
void gsp__roll_back_tick(struct gsp__runs *runs);

/* ---- memory.c ---- */

/* Whether a run of these settings fits into the memory limit. GSP_ERR_LIMIT, before anything is allocated. */
int gsp__run_memory_check(const struct gsp__runs *runs, const struct gsp_settings *settings, struct gsp_error *error);

/* ---- step.c: no job is out, nothing is asked, the vectors are free ---- */

/* The next step, as far as messages are there; else the run waits. */
void gsp__run_step(struct gsp__runs *runs);
/* f and accuracy at x, between two rounds. */
void gsp__run_evaluate(struct gsp__runs *runs);

/* The gradient, or with `update` the change of x, is in work->gradient: a job goes on with the step. */
void gsp__step_answered(struct gsp__runs *runs, const struct gsp_work *work, bool update, double loss);
/* What an evaluation came to; NaN: not known. */
void gsp__step_evaluated(struct gsp__runs *runs, double loss, double accuracy, double seconds);

/* ---- ask.c ---- */

/* Whether the run's problem answers later; false where it is not posed yet. */
bool gsp__run_asks(const struct gsp__run *run);
/* Asks the run's problem; no question may be out (asserted). GRADIENT: of asking.work, whose vectors the caller has
 * lent. */
void gsp__ask(struct gsp__runs *runs, enum gsp_ask what, uint64_t round);

/* Hands out the question that is out, as it is, once more. */
void gsp__ask_again(struct gsp__runs *runs);

/* ---- heard.c ---- */

/* The question that is out was put to it, or it has answered this: for status alone. */
void gsp__answerer_asked(struct gsp__runs *runs);
void gsp__answerer_answered(struct gsp__runs *runs, const struct gsp_answer *answer);

/* ---- makers.c ---- */

/* Says so, in the log and in the run's makers, if what computes is not what has computed so far (both are known), or
 * has lost what it carried. */
void gsp__makers_compare(struct gsp__runs *runs);
/* ---- checkpoint.c ---- */

void gsp__plan_make(struct gsp__run *run);                     /* c and L from the settings and the payload's bound */
uint64_t gsp__checkpoint_allows(const struct gsp__runs *runs); /* the last step that may be begun */
/* A checkpoint is to be taken now: no step is half done, none is being written. */
bool gsp__checkpoint_due(const struct gsp__runs *runs);
void gsp__checkpoint_begin(struct gsp__runs *runs); /* a job packs it; no job is out */
/* Packs one here and now, to be written in the place of damaged files (bits by enum gsp_keep); no job has the node.
 * GSP_ERR_NOMEM. */
int gsp__checkpoint_repair(struct gsp__runs *runs, unsigned files);
/* The run does not go on, or its end is not told, because this node's disk has not caught up. */
bool gsp__checkpoint_waiting(const struct gsp__runs *runs);

/* ---- disk.c ---- */

#define GSP__FILE_BIT(file) (1u << (file))
/* The slot to overwrite next, as a bit: one that is not of this run, else the older. */
unsigned gsp__disk_spare_slot(const struct gsp__runs *runs);
/* Has a checkpoint written to these files; takes both buffers. `result` is empty but at the run's end. Nothing may be
 * waiting to be written, or be out (asserted). */
void gsp__disk_write(struct gsp__runs *runs, uint64_t generation, struct gsp_buffer *checkpoint,
                     struct gsp_buffer *result, unsigned files);
/* The run goes back to what is on the disk: what is not out yet is not written any more, but for a repair. */
void gsp__disk_withdraw(struct gsp__runs *runs);
/* Raises the run's durable step to what the slots hold; tells the exchange. */
void gsp__disk_update(struct gsp__runs *runs);

/* ---- result.c ---- */

void gsp__result_keep(struct gsp__runs *runs); /* of the run in hand: stays for dump and init=last */
int gsp__result_take(struct gsp__runs *runs, const struct gsp_kept *kept); /* from the disk; GSP_ERR_NOMEM */
/* The bytes of the result file; errors as of gsp_kept_begin. */
int gsp__result_pack(const struct gsp_kept *about, const struct gsp__run *run, struct gsp_buffer *out);
/* Frees the vectors: no result. */
void gsp__result_clear(struct gsp__result *result);

/* ---- history.c ---- */

void gsp__history_open(struct gsp__runs *runs);              /* the run's node is there: new, or restored */
void gsp__history_round(struct gsp__runs *runs);             /* a round is complete */
void gsp__history_loss(struct gsp__runs *runs, double loss); /* and so is its row */

/* ---- lost.c ---- */

/* A neighbour no longer has what this node asks for: LOST, with a new run of the same settings in the place of the one
 * in hand. Another run, or one that is done: nothing. */
void gsp__lost_gone(struct gsp__runs *runs, size_t slot, const struct gsp_run_key *key);
/* In LOST, once all is gathered: makes the node from it; ACTIVE. */
void gsp__lost_tick(struct gsp__runs *runs);

#endif
