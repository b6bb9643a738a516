#include "wait.h"

#include "client.h"
#include "terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    POLL_MS = 200,
    LINE_MS = 5000, /* between lines when stdout is no terminal */
    BAR_WIDTH = 90,
    OTHERS_MS = 10000 /* that other nodes may take to tell that they ended, too */
};

static void nap(void)
{
    struct timespec time = {.tv_nsec = POLL_MS * 1000000L};
    nanosleep(&time, NULL);
}

static size_t add(char *text, size_t size, size_t used, const char *format, ...) __attribute__((format(printf, 4, 5)));

static size_t add(char *text, size_t size, size_t used, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
    return used + (size_t)count < size ? used + (size_t)count : size - 1;
}

static size_t add_seconds(char *text, size_t size, size_t used, double seconds, const char *after)
{
    char time[GSP_SHORT];
    gsp_format_seconds(time, seconds);
    return add(text, size, used, ", %s%s", time, after);
}

static size_t add_bar(char *text, size_t size, size_t used, double part)
{
    enum { CELLS = 20 };
    char bar[CELLS + 1];
    for (int i = 0; i < CELLS; i++) bar[i] = (i + 0.5) / CELLS < part ? '#' : '.';
    bar[CELLS] = '\0';
    return add(text, size, used, "[%s] ", bar);
}

static size_t add_waiting(char *text, size_t size, size_t used, const struct gsp_summary *node)
{
    size_t listed = node->waiting_count < GSP_WAITING_MAX ? node->waiting_count : GSP_WAITING_MAX;
    for (size_t i = 0; i < listed; i++)
        used = add(text, size, used, "%s%s", i == 0 ? ", waiting for " : ", ", node->waiting[i]);
    if (node->waiting_count > listed) used = add(text, size, used, " and %zu more", node->waiting_count - listed);
    return used;
}

/* What matters most comes first: a narrow terminal cuts the rest off. */
static void describe(char *text, size_t size, const struct gsp_summary *node, bool bar)
{
    size_t used = 0;
    double part = node->rounds > 0 ? (double)node->round / (double)node->rounds : 0;
    *text = '\0';
    if (bar) used = add_bar(text, size, used, part);
    used = add(text, size, used, "round %" PRIu64 "/%" PRIu64, node->round, node->rounds);
    if (node->phase == GSP_PHASE_WAITING) used = add_waiting(text, size, used, node);
    if (!isnan(node->seconds) && node->round > 0 && node->round < node->rounds) {
        used = add_seconds(text, size, used, node->seconds * (1 / part - 1), " left");
    }
    if (!isnan(node->loss)) used = add(text, size, used, ", loss %.6g", node->loss);
    if (!isnan(node->accuracy)) used = add(text, size, used, ", accuracy %.2f %%", 100 * node->accuracy);
    char sent[GSP_SHORT];
    gsp_format_bytes(sent, node->bytes_sent);
    used = add(text, size, used, ", sent %s", sent);
    if (!isnan(node->seconds)) add_seconds(text, size, used, node->seconds, "");
}

struct follower {
    const struct ctl *ctl;
    const struct gsp_run_key *run;
    struct progress progress;
    enum gsp_phase phase; /* that was shown last */
    unsigned until_line;  /* polls until the next line when stdout is no terminal */
    int unknown;          /* milliseconds for which the node has not known the run */
    int away;             /* milliseconds for which no daemon has answered */
};

static void show(struct follower *follower, const struct gsp_summary *node)
{
    char text[512];
    bool live = follower->progress.live;
    if (!live && node->phase == follower->phase && follower->until_line-- > 0) return;
    follower->until_line = LINE_MS / POLL_MS;
    follower->phase = node->phase;
    describe(text, sizeof text, node, live && terminal_style().width >= BAR_WIDTH);
    progress_show(&follower->progress, text);
}

/* A daemon that was restarted learns of the run from its neighbours; if there are none that know it, it is lost. */
static int judge_unknown(struct follower *follower, const struct gsp_summary *node)
{
    follower->unknown += POLL_MS;
    if (follower->unknown < OTHERS_MS) return -1;
    progress_end(&follower->progress);
    return client_fail(follower->ctl, EXIT_FAILED, "node %s knows the run no more: its daemon was restarted",
                       node->node);
}

/* What one status means for the run: -1 while it goes on, else an exit code. */
static int judge(struct follower *follower, const struct gsp_summary *node)
{
    const struct ctl *ctl = follower->ctl;
    int order = gsp_run_key_compare(&node->run, follower->run);
    if (order > 0) {
        progress_end(&follower->progress);
        return client_fail(ctl, EXIT_FAILED,
                           "node %s dropped this run for another one (number %" PRIu64
                           ") that was started elsewhere; `gossipctl status` shows that one",
                           node->node, node->run.epoch);
    }
    if (order < 0) return judge_unknown(follower, node);
    follower->unknown = 0;
    show(follower, node);
    if (node->phase == GSP_PHASE_DONE) return EXIT_DONE;
    if (node->phase != GSP_PHASE_STOPPED && node->phase != GSP_PHASE_FAILED) return -1;
    progress_end(&follower->progress);
    const char *what = node->phase == GSP_PHASE_STOPPED ? "was stopped" : "failed";
    return client_fail(ctl, EXIT_FAILED, "the run %s at round %" PRIu64 "%s%s", what, node->round,
                       *node->reason ? ": " : "", node->reason);
}

static int follow_own(struct follower *follower)
{
    const struct gsp_request request = {.type = GSP_REQ_STATUS};
    int result = -1;
    while (result < 0) {
        struct gsp_reply reply;
        struct gsp_error error = {0};
        int exit_code = client_ask(follower->ctl->socket, &request, &reply, &error);
        if (exit_code == EXIT_NO_DAEMON && (follower->away += POLL_MS) < OTHERS_MS) { /* it may be started again */
            nap();
            continue;
        }
        if (exit_code != EXIT_DONE) {
            progress_end(&follower->progress);
            return client_fail(follower->ctl, exit_code, "lost sight of the run, which may be going on: %s",
                               error.message);
        }
        follower->away = 0;
        if (reply.node_count > 0) result = judge(follower, &reply.nodes[0]);
        gsp_reply_clear(&reply);
        if (result < 0) nap();
    }
    return result;
}

/* The first node that has not told that this run is over there; NULL: none. */
static const char *unfinished(const struct gsp_reply *reply, const struct gsp_run_key *run, size_t *count)
{
    const char *first = NULL;
    *count = 0;
    for (size_t i = 0; i < reply->node_count; i++) {
        const struct gsp_summary *node = &reply->nodes[i];
        if (node->number > 0 && node->ended && gsp_run_key_compare(&node->run, run) >= 0) continue;
        if (!first) first = node->node;
        ++*count;
    }
    return first;
}

static int print_result(const struct ctl *ctl, const struct gsp_reply *reply)
{
    struct gsp_style style = terminal_style();
    return client_print(ctl, ctl->json ? gsp_report_status_all_json(reply) : gsp_report_status_all(reply, &style));
}

/* This node is done. Whoever reads the result off another node next must find it done there, too. */
static int follow_others(struct follower *follower)
{
    const struct gsp_request request = {.type = GSP_REQ_STATUS_ALL};
    for (int waited = 0;; waited += POLL_MS) {
        struct gsp_reply reply;
        struct gsp_error error = {0};
        size_t count;
        int exit_code = client_ask(follower->ctl->socket, &request, &reply, &error);
        if (exit_code != EXIT_DONE) return client_fail(follower->ctl, EXIT_FAILED, "%s", error.message);
        const char *name = unfinished(&reply, follower->run, &count);
        if (!name || waited >= OTHERS_MS) {
            progress_end(&follower->progress);
            if (name)
                common_say("done here, but %s%s not told yet that the run is over there", name,
                           count > 1 ? " and others have" : " has");
            exit_code = print_result(follower->ctl, &reply);
            gsp_reply_clear(&reply);
            return exit_code;
        }
        char text[128];
        snprintf(text, sizeof text, "done; waiting for the last rounds of %zu nodes", count);
        if (follower->progress.live) progress_show(&follower->progress, text);
        gsp_reply_clear(&reply);
        nap();
    }
}

int wait_for_run(const struct ctl *ctl, const struct gsp_run_key *run)
{
    struct follower follower = {.ctl = ctl, .run = run, .phase = GSP_PHASE_IDLE};
    progress_begin(&follower.progress, ctl->json);
    int exit_code = follow_own(&follower);
    return exit_code == EXIT_DONE ? follow_others(&follower) : exit_code;
}
