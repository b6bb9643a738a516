#include "fetch.h"

#include "client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- vectors ---- */

/* The next chunk must begin where the last one ended. */
static int add_chunk(double **values, uint64_t *have, const struct gsp_reply *reply, struct gsp_error *error)
{
    if (!*values) *values = gsp_alloc(reply->value_total > 0 ? (size_t)reply->value_total : 1, sizeof(double));
    if (!*values) {
        gsp_error_set(error, GSP_ERR_NOMEM, "no memory for %" PRIu64 " values", reply->value_total);
        return EXIT_FAILED;
    }
    memcpy(*values + *have, reply->values, reply->value_count * sizeof(double));
    *have += reply->value_count;
    return EXIT_DONE;
}

/* What the first chunk says of the vector. */
static void take_origin(struct fetched_vector *out, uint64_t *total, const struct gsp_reply *reply)
{
    *total = reply->value_total;
    out->run = reply->run;
    out->round = reply->round;
    memcpy(out->settings, reply->settings, sizeof out->settings);
}

static int take_chunk(const struct client *client, struct fetched_vector *out, uint64_t total,
                      const struct gsp_reply *reply, struct gsp_error *error)
{
    int exit_code = client_exit_code(reply);
    if (exit_code != EXIT_DONE) {
        gsp_error_set(error, GSP_ERR_STATE, "%s", reply->message);
        return exit_code;
    }
    if (reply->value_total == total && reply->value_offset == out->count && reply->value_count <= total - out->count)
        return add_chunk(&out->values, &out->count, reply, error);
    gsp_error_set(error, GSP_ERR_PROTOCOL, "the daemon at %s sent chunks that do not fit", client->socket);
    return EXIT_FAILED;
}

static int receive(struct client *client, struct fetched_vector *out, struct gsp_error *error)
{
    uint64_t total = 0;
    bool more = true;
    int exit_code = EXIT_DONE;
    for (bool first = true; more && exit_code == EXIT_DONE; first = false) {
        struct gsp_reply reply;
        exit_code = client_next(client, CLIENT_MS, &reply, error);
        if (exit_code != EXIT_DONE) return exit_code;
        if (first) take_origin(out, &total, &reply);
        more = reply.more;
        exit_code = take_chunk(client, out, total, &reply, error);
        gsp_reply_clear(&reply);
    }
    if (exit_code != EXIT_DONE || out->count == total) return exit_code;
    gsp_error_set(error, GSP_ERR_PROTOCOL, "the daemon at %s sent %" PRIu64 " values of %" PRIu64, client->socket,
                  out->count, total);
    return EXIT_FAILED;
}

int fetch_vector(const char *socket, char vector, struct fetched_vector *out, struct gsp_error *error)
{
    struct gsp_request request = {.type = GSP_REQ_DUMP, .vector = vector};
    struct client client;
    *out = (struct fetched_vector){0};
    int exit_code = client_open(&client, socket, &request, error);
    if (exit_code == EXIT_DONE) exit_code = receive(&client, out, error);
    client_close(&client);
    if (exit_code == EXIT_DONE) return exit_code;
    free(out->values);
    out->values = NULL;
    return exit_code;
}

/* ---- histories ---- */

/* The part after what we have; *more: the file goes on after it. */
static int next_part(const char *socket, struct gsp_buffer *csv, bool *more, struct gsp_error *error)
{
    struct gsp_request request = {.type = GSP_REQ_HISTORY, .position = csv->length};
    struct gsp_reply reply;
    int exit_code = client_ask(socket, &request, &reply, error);
    if (exit_code != EXIT_DONE) return exit_code;
    exit_code = client_exit_code(&reply);
    if (exit_code != EXIT_DONE) {
        gsp_error_set(error, GSP_ERR_STATE, "%s", reply.message);
    } else if (reply.part_offset != csv->length) {
        exit_code = EXIT_FAILED;
        gsp_error_set(error, GSP_ERR_PROTOCOL, "the daemon at %s sent another part than was asked for", socket);
    } else if (gsp_buffer_append(csv, reply.part, reply.part_length)) {
        exit_code = EXIT_FAILED;
        gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    }
    *more = reply.part_length > 0 && csv->length < reply.part_total;
    gsp_reply_clear(&reply);
    return exit_code;
}

int fetch_history(const char *socket, struct gsp_buffer *csv, struct gsp_history **history, struct gsp_error *error)
{
    /* When another run begins between two parts they do not fit together: from the beginning, then. */
    for (int tries = 3;; tries--) {
        size_t count = 0, parts = 0;
        bool more = true;
        csv->length = 0;
        for (; more; parts++) {
            int exit_code = next_part(socket, csv, &more, error);
            if (exit_code != EXIT_DONE) return exit_code;
        }
        if (gsp_history_parse(history, &count, "the daemon's history", (const char *)csv->data, csv->length, error) ==
            0) {
            if (count == 1) return EXIT_DONE;
            gsp_histories_free(*history, count);
            gsp_error_set(error, GSP_ERR_DATA, "the daemon's history is of more than one node");
        }
        if (parts == 1 || tries == 1) return EXIT_FAILED;
    }
}
