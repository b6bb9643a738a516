/* gossip/host.h - what a peer asks of the program that drives it: actions to carry out, and jobs for another thread. */
#ifndef GOSSIP_HOST_H
#define GOSSIP_HOST_H

#include <gossip/base.h>
#include <gossip/data.h>
#include <gossip/wire.h>

/* ---- jobs: expensive and pure, for another thread ---- */

struct gsp_job;
enum gsp_job_stage {
    GSP_JOB_DONE,
    GSP_JOB_MEASURE,
    GSP_JOB_CALIBRATE,
    GSP_JOB_MIX,
    GSP_JOB_GRADIENT,
    GSP_JOB_ENCODE,
    GSP_JOB_SAVE,
    GSP_JOB_EVALUATE,
    GSP_JOB_STAGES /* how many there are */
};
/* The stage that gsp_job_run would run next; GSP_JOB_DONE: none, the job goes back (GSP_EVENT_JOB_DONE). */
enum gsp_job_stage gsp_job_stage(const struct gsp_job *job);
/* Runs one stage, of a job that is not at GSP_JOB_DONE: call it until the job is. Any thread, one at a time, no locks:
 * it touches only memory that the job owns or was lent. The caller may time each stage. */
void gsp_job_run(struct gsp_job *job);
/* Sets a flag that a long calibration looks at, so that a shutdown need not wait for it. Any thread. */
void gsp_job_cancel(struct gsp_job *job);

/* ---- what is kept over a restart: names of files in the state folder ---- */

enum gsp_keep { GSP_KEEP_RUN, GSP_KEEP_CHECKPOINT_A, GSP_KEEP_CHECKPOINT_B, GSP_KEEP_RESULT, GSP_KEEP_COUNT };
/* The file's name in the state folder; a constant. `file` is not GSP_KEEP_COUNT. */
const char *gsp_keep_name(enum gsp_keep file);

/* A file as an earlier life left it; bytes NULL: there is none. */
struct gsp_kept_file {
    const uint8_t *bytes;
    size_t length;
};

/* ---- questions to a problem that answers later (gsp_problem_type.gradient is NULL) ---- */

enum gsp_ask {
    GSP_ASK_BEGIN,    /* where x is to start */
    GSP_ASK_GRADIENT, /* a gradient at x, or the new x: the step made */
    GSP_ASK_EVALUATE  /* how good x is */
};

/* What is asked; an answer bears the same, or it counts for nothing. */
struct gsp_question {
    enum gsp_ask ask;
    struct gsp_run_key run;
    uint64_t round;   /* BEGIN: 0; GRADIENT: of the gradient, from 1; EVALUATE: rounds completed */
    uint64_t attempt; /* from 1; counts on where an answer did not come */
};

/* What whoever answers must know besides. Borrowed from the peer: good until its next step. */
struct gsp_asked {
    const char *settings; /* of the run, all of them resolved, as "key=value" lines */
    const double *x;      /* `dimension` values; BEGIN: NULL */
    size_t dimension;
    double eta;           /* GRADIENT: the step size of this round */
    const uint8_t *state; /* what the task carries into this round; none: as at the run's beginning */
    size_t state_length;
    bool save; /* GRADIENT: the answer is to bring the state */
};

enum gsp_answer_kind {
    GSP_ANSWER_GRADIENT, /* x <- x - eta (vector) */
    GSP_ANSWER_UPDATE    /* x <- x + (vector - x as it was handed out, rounded to the vector's type) */
};

struct gsp_answer {
    struct gsp_question question;
    const char *failure;       /* NULL: it is answered; else the run fails with these words */
    enum gsp_answer_kind kind; /* GRADIENT */
    enum gsp_dtype dtype;      /* of the vector's values */
    const void *vector;        /* BEGIN, GRADIENT: `dimension` values */
    size_t dimension;
    double loss, accuracy; /* EVALUATE: NaN: not known */
    const uint8_t *state;  /* GRADIENT: what the task carries on from here, if it has a state, */
    size_t state_length;
    const struct gsp_metric *metrics; /* but for loss and accuracy, ... */
    size_t metric_count;              /* ... at most GSP_METRICS_MAX */
    bool state_kept;                  /* unless it was not asked for, and whoever answered has kept it to itself */
    double seconds;                   /* that it took */
};

/* out <- the vector of an answer, of d values, as doubles: as it is, or less `from` (d values, or NULL), rounded to the
 * vector's type as it was handed out. GSP_ERR_FORMAT: it has another length. */
int gsp_answer_take(double *out, size_t d, const struct gsp_answer *answer, const double *from,
                    struct gsp_error *error);
/* The same for an answer to GRADIENT at x: the gradient, or what x is to change by. GSP_ERR_CONFIG for the latter in a
 * run with momentum. */
int gsp_answer_step(double *out, size_t d, const struct gsp_answer *answer, const double *x, double momentum,
                    struct gsp_error *error);

/* ---- actions ---- */

enum gsp_action_type {
    GSP_ACTION_SEND,   /* connection, bytes, length: write them; the caller frees bytes with free() */
    GSP_ACTION_CLOSE,  /* connection; graceful: first write what was handed out, shutdown(WR), drain up to 5 s; else at
                          once */
    GSP_ACTION_DIAL,   /* node: look its endpoint up and connect; answered by CONNECTED or DIAL_FAILED */
    GSP_ACTION_UNDIAL, /* give up all dials that are not answered yet; none of them is answered any more */
    GSP_ACTION_RELOAD, /* client: read the network file anew; answered by RELOADED */
    GSP_ACTION_JOB,    /* job: at most one is out at any time; answered by JOB_DONE */
    GSP_ACTION_ASK,    /* question, asked: for whoever answers for the problem; asked anew where that begins anew
                          (PROBLEM_BEGUN). Answered by ANSWER */
    GSP_ACTION_REPLY,  /* client, bytes (with u32), length: write to the control client; free() */
    GSP_ACTION_STORE,  /* file, bytes, length: write it beside the old one, fsync, rename, fsync the folder; answered by
                          STORED. The bytes stay the peer's, unchanged until then. One a file at a time */
    GSP_ACTION_READ,   /* path: read a file (init=file:PATH; relative to the configuration file) of at most `length`
                          bytes; answered by FILE */
    GSP_ACTION_READ_KEPT,    /* read what is kept (every file of enum gsp_keep) once more; answered by KEPT */
    GSP_ACTION_HISTORY_OPEN, /* run, position: the history goes on with round `position` of this run: keep what
                                gsp_history_keep says of the file, or begin a new one with gsp_history_put_header */
    GSP_ACTION_HISTORY,      /* bytes, length: append these lines to it, when there is time; free() */
    GSP_ACTION_HISTORY_READ  /* client, position: reply with the part of the file from this byte on, all that was to
                                be appended so far included */
};

#define GSP_NO_CLIENT UINT64_MAX /* nobody asked: what came of it is only logged */

struct gsp_action {
    enum gsp_action_type type;
    uint64_t connection, client;
    size_t node;
    enum gsp_keep file;
    bool graceful; /* CLOSE */
    bool last;     /* REPLY: nothing more follows for this client, which takes one request a connection */
    uint8_t *bytes;
    size_t length;
    struct gsp_job *job;
    char path[512];
    struct gsp_run_key run;       /* HISTORY_OPEN */
    uint64_t position;            /* HISTORY_OPEN, HISTORY_READ */
    struct gsp_question question; /* ASK */
    struct gsp_asked asked;
};

#endif
