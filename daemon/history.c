#include "history.h"

#include "daemon.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <gossip/store.h>
#include <gossip/wire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH_BYTES  65536u     /* written at once */
#define BATCH_MS     1000u      /* a line waits no longer than this for others */
#define RETRY_MS     5000u      /* a disk that was full may have room again */
#define LINES_MAX    (4u << 20) /* kept in memory while nothing can be written: some 40,000 rounds */
#define HISTORY_MODE 0640

/* ---- in the thread pool ---- */

/* How much of the open file the run goes on behind. 0 or an errno: what can't be read must not be cut off. */
static int find_end(const struct history *history, size_t *keep, uint64_t *after)
{
    char run[GSP_HISTORY_RUN];
    struct gsp_buffer text = {0};
    *keep = 0;
    *after = 0;
    if (history->now.next == 0) return 0;
    gsp_history_run(run, &history->now.run);
    int rc = file_read_rest(&text, history->file.descriptor, history->path, SIZE_MAX, NULL), reason = errno;
    if (!rc) *keep = gsp_history_keep((const char *)text.data, text.length, run, history->now.next, after);
    gsp_buffer_clear(&text);
    return rc == GSP_ERR_NOMEM ? ENOMEM : rc ? reason : 0;
}

/* Opens the file where the run goes on: cuts off what comes later, or begins anew. 0 or an errno. */
static int open_at(struct history *history)
{
    size_t keep;
    uint64_t after;
    if (history->file.descriptor >= 0) close(history->file.descriptor);
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    history->file.descriptor = open(history->path, flags, HISTORY_MODE);
    if (history->file.descriptor < 0) return errno;
    int problem = find_end(history, &keep, &after);
    if (problem != 0) return problem;
    if (ftruncate(history->file.descriptor, (off_t)keep)) return errno;
    history->file.length = keep;
    history->file.beginning_lost = after < history->now.next;
    if (keep > 0) return 0;
    /* The header goes first, before the lines that wait. */
    struct gsp_buffer lines = {0};
    if (gsp_history_put_header(&lines) ||
        gsp_buffer_append(&lines, history->now.lines.data, history->now.lines.length)) {
        gsp_buffer_clear(&lines);
        return ENOMEM;
    }
    gsp_buffer_clear(&history->now.lines);
    history->now.lines = lines;
    return 0;
}

/* All or nothing: a line that was written in part is written over by the next attempt, or cut off. */
static int append(struct history *history)
{
    struct gsp_buffer *lines = &history->now.lines;
    size_t done = 0;
    while (done < lines->length) {
        ssize_t put = pwrite(history->file.descriptor, lines->data + done, lines->length - done,
                             (off_t)(history->file.length + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            int problem = errno;
            int ignored = ftruncate(history->file.descriptor, (off_t)history->file.length);
            (void)ignored;
            return problem;
        }
        done += (size_t)put;
    }
    history->file.length += done;
    gsp_buffer_clear(lines);
    return 0;
}

static void serve(const char *path, struct history_reader *reader)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &about)) {
        reader->problem = errno;
    } else if (!(reader->part = malloc(GSP_PART_MAX))) {
        reader->problem = ENOMEM;
    } else {
        ssize_t got = pread(descriptor, reader->part, GSP_PART_MAX, (off_t)reader->position);
        reader->problem = got < 0 ? errno : 0;
        reader->length = got < 0 ? 0 : (size_t)got;
        reader->total = (uint64_t)about.st_size;
        if (reader->total < reader->position + reader->length) reader->total = reader->position + reader->length;
    }
    if (descriptor >= 0) close(descriptor);
}

static void work_now(struct history *history)
{
    history->file.problem = 0;
    if (history->now.open) {
        history->file.problem = open_at(history);
        if (history->file.problem == 0) history->now.open = false;
    }
    if (history->file.problem == 0 && history->now.lines.length > 0) history->file.problem = append(history);
}

static void run_work(uv_work_t *request)
{
    struct history *history = request->data;
    work_now(history);
    for (size_t i = 0; i < history->serving_count; i++) serve(history->path, &history->serving[i]);
}

/* ---- on the loop ---- */

static void advance(struct daemon *daemon);
static void later(struct daemon *daemon);

static bool unfinished(const struct history_task *task)
{
    return task->open || task->lines.length > 0;
}

static void on_timer(uv_timer_t *timer)
{
    advance(timer->data);
}

static void answer(struct daemon *daemon, struct history_reader *reader)
{
    struct gsp_reply reply = {.part = reader->part,
                              .part_length = reader->length,
                              .part_total = reader->total,
                              .part_offset = reader->position};
    struct gsp_buffer bytes = {0};
    if (reader->problem == ENOENT)
        snprintf(reply.message, sizeof reply.message,
                 "there is no history yet: nothing has run here; begin with: gossipctl start");
    else if (reader->problem != 0)
        snprintf(reply.message, sizeof reply.message, "%s: %s", daemon->history.path, strerror(reader->problem));
    if (reader->problem) reply.code = GSP_REPLY_FAILED;
    if (gsp_reply_pack(&reply, &bytes)) gsp_log(&daemon->log, GSP_LOG_ERROR, "no memory for a reply");
    control_reply(daemon, reader->client, bytes.data, bytes.length, true);
    free(reader->part);
}

/* Says once that writing fails, and once that it goes again. */
static void report(struct daemon *daemon)
{
    struct history *history = &daemon->history;
    int problem = history->file.problem;
    if (history->file.beginning_lost)
        gsp_log(&daemon->log, GSP_LOG_WARNING, "%s: not all rounds before %llu, where the run goes on, are in it",
                history->path, (unsigned long long)history->now.next);
    history->file.beginning_lost = false;
    if ((problem != 0) == history->failing) return;
    history->failing = problem != 0;
    char reason[GSP_REASON_MAX] = "";
    if (problem != 0)
        snprintf(reason, sizeof reason, "the history can't be written: %.300s: %s", history->path, strerror(problem));
    if (problem != 0)
        gsp_log(&daemon->log, GSP_LOG_WARNING, "%s; the run goes on without it", reason);
    else
        gsp_log(&daemon->log, GSP_LOG_INFO, "%s: written again", history->path);
    if (problem == 0) history->dropping = false;
    daemon_tell(daemon, &(struct gsp_event){.type = GSP_EVENT_HISTORY_FAILED, .reason = problem != 0 ? reason : NULL});
}

static void on_work_done(uv_work_t *request, int status)
{
    struct history *history = request->data;
    struct daemon *daemon = uv_loop_get_data(request->loop);
    (void)status;
    history->busy = false;
    report(daemon);
    for (size_t i = 0; i < history->serving_count; i++) answer(daemon, &history->serving[i]);
    history->serving_count = 0;
    if (history->waiting_count > 0 || history->coming.lines.length >= BATCH_BYTES)
        advance(daemon);
    else if (unfinished(&history->now) || unfinished(&history->coming))
        later(daemon);
    daemon_pump(daemon);
}

/* What came meanwhile joins what is to be done now. False if lines had to be dropped. */
static bool join(struct history *history)
{
    struct history_task *now = &history->now, *coming = &history->coming;
    if (coming->open) {
        gsp_buffer_clear(&now->lines); /* of a run that another one has replaced */
        now->open = true;
        now->run = coming->run;
        now->next = coming->next;
        coming->open = false;
    }
    bool fits = now->lines.length + coming->lines.length <= LINES_MAX &&
                !gsp_buffer_append(&now->lines, coming->lines.data, coming->lines.length);
    coming->lines.length = 0;
    return fits;
}

static void advance(struct daemon *daemon)
{
    struct history *history = &daemon->history;
    if (history->busy || daemon->finishing) return;
    if (!join(history) && !history->dropping) {
        history->dropping = true;
        gsp_log(&daemon->log, GSP_LOG_WARNING, "%s: no more rounds can wait in memory: some will be missing from it",
                history->path);
    }
    memcpy(history->serving, history->waiting, sizeof history->serving);
    history->serving_count = history->waiting_count;
    history->waiting_count = 0;
    history->busy = true;
    history->request.data = history;
    uv_queue_work(&daemon->loop, &history->request, run_work, on_work_done);
}

static void later(struct daemon *daemon)
{
    struct history *history = &daemon->history;
    if (uv_is_closing((uv_handle_t *)&history->timer) || uv_is_active((uv_handle_t *)&history->timer)) return;
    uv_timer_start(&history->timer, on_timer, history->failing ? RETRY_MS : BATCH_MS, 0);
}

void history_open(struct daemon *daemon, const struct gsp_run_key *run, uint64_t next)
{
    struct history_task *coming = &daemon->history.coming;
    coming->open = true;
    coming->run = *run;
    coming->next = next;
    coming->lines.length = 0;
    later(daemon);
}

void history_append(struct daemon *daemon, uint8_t *bytes, size_t length)
{
    struct history *history = &daemon->history;
    if (gsp_buffer_append(&history->coming.lines, bytes, length))
        gsp_log(&daemon->log, GSP_LOG_WARNING, "%s: out of memory: a round is missing from it", history->path);
    free(bytes);
    if (history->coming.lines.length >= BATCH_BYTES && !history->failing)
        advance(daemon);
    else
        later(daemon);
}

void history_flush(struct daemon *daemon)
{
    const struct history *history = &daemon->history;
    if (!history->failing && unfinished(&history->coming)) advance(daemon);
}

void history_read(struct daemon *daemon, uint64_t client, uint64_t position)
{
    struct history *history = &daemon->history;
    struct history_reader reader = {.client = client, .position = position};
    if (history->waiting_count == HISTORY_READERS_MAX) {
        reader.problem = EBUSY;
        answer(daemon, &reader);
        return;
    }
    history->waiting[history->waiting_count++] = reader;
    advance(daemon);
}

int history_begin(struct daemon *daemon, struct gsp_error *error)
{
    struct history *history = &daemon->history;
    static const char name[] = "history.csv";
    size_t room = strlen(daemon->folder->path) + sizeof name + 1;
    history->file.descriptor = -1;
    history->path = gsp_alloc(room, 1);
    if (!history->path) return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    snprintf(history->path, room, "%s/%s", daemon->folder->path, name);
    return 0;
}

void history_close(struct daemon *daemon)
{
    uv_close((uv_handle_t *)&daemon->history.timer, NULL);
}

void history_end(struct daemon *daemon)
{
    struct history *history = &daemon->history;
    if (history->path && join(history) && unfinished(&history->now)) {
        work_now(history);
        if (history->file.problem != 0 && !history->failing)
            gsp_log(&daemon->log, GSP_LOG_WARNING, "%s: %s", history->path, strerror(history->file.problem));
    }
    if (history->file.descriptor >= 0) close(history->file.descriptor);
    gsp_buffer_clear(&history->now.lines);
    gsp_buffer_clear(&history->coming.lines);
    free(history->path);
}
