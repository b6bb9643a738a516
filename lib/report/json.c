/* Status for programs. */
#include <gossip/report.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The setters take over `value`; NULL, as jansson returns it without memory, makes the whole object NULL in the end. */
struct object {
    json_t *json;
    bool failed;
};

static void set(struct object *object, const char *key, json_t *value)
{
    if (!value || json_object_set_new(object->json, key, value)) object->failed = true;
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *count_if(bool known, uint64_t value)
{
    return known ? count(value) : json_null();
}

static json_t *text_if(bool known, const char *text)
{
    return known && *text ? json_string(text) : json_null();
}

static struct object new_object(void)
{
    struct object object = {.json = json_object()};
    object.failed = !object.json;
    return object;
}

static json_t *finish(struct object *object)
{
    if (object->failed) {
        json_decref(object->json);
        object->json = NULL;
    }
    return object->json;
}

/* Takes over both; either may be NULL. jansson releases a value that it could not append. */
static json_t *append(json_t *array, json_t *value)
{
    if (!json_array_append_new(array, value)) return array;
    json_decref(array);
    return NULL;
}

static json_t *run_id(const struct gsp_run_key *run)
{
    char text[2 * GSP_RUN_ID_BYTES + 1];
    if (!run->epoch) return json_null();
    for (size_t i = 0; i < GSP_RUN_ID_BYTES; i++) snprintf(text + 2 * i, 3, "%02x", run->id[i]);
    return json_string(text);
}

static json_t *waiting(const struct gsp_summary *node)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < node->waiting_count && i < GSP_WAITING_MAX; i++)
        list = append(list, json_string(node->waiting[i]));
    return list;
}

static json_t *link_object(const struct gsp_link_status *link)
{
    struct object object = new_object();
    set(&object, "name", json_string(link->name));
    set(&object, "state", json_string(link->state));
    set(&object, "bytes_sent", count(link->bytes_sent));
    set(&object, "bytes_received", count(link->bytes_received));
    set(&object, "rtt_ms", number(link->rtt_ms));
    set(&object, "detail", text_if(true, link->detail));
    return finish(&object);
}

static json_t *links(const struct gsp_reply *reply)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < reply->link_count; i++) list = append(list, link_object(&reply->links[i]));
    return list;
}

/* "key=value" lines as an object of texts. */
static json_t *settings(const char *text)
{
    if (!*text) return json_null();
    struct object object = new_object();
    while (*text && !object.failed) {
        size_t line = strcspn(text, "\n"), key = strcspn(text, "=\n");
        if (key < line) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)key, text);
            set(&object, name, json_stringn(text + key + 1, line - key - 1));
        }
        text += line + (text[line] == '\n');
    }
    return finish(&object);
}

/* `peers` is taken over. */
static struct object node_object(const struct gsp_summary *node, json_t *peers)
{
    bool heard = node->number != 0, run = heard && node->run.epoch, round = run && node->rounds;
    struct object object = new_object();
    set(&object, "node", text_if(true, node->node));
    set(&object, "phase", text_if(heard, gsp_phase_name(node->phase)));
    set(&object, "reason", text_if(heard, node->reason));
    set(&object, "run", count_if(run, node->run.epoch));
    set(&object, "run_id", run ? run_id(&node->run) : json_null());
    set(&object, "round", count_if(round, node->round));
    set(&object, "rounds", count_if(round, node->rounds));
    set(&object, "gossip_step", count_if(round, node->gossip_step));
    set(&object, "loss", number(heard ? node->loss : NAN));
    set(&object, "accuracy", number(heard ? node->accuracy : NAN));
    set(&object, "consensus_error", number(heard ? node->consensus_error : NAN));
    set(&object, "bytes_sent", count_if(heard, node->bytes_sent));
    set(&object, "bytes_received", count_if(heard, node->bytes_received));
    set(&object, "waiting_for", heard ? waiting(node) : json_null());
    set(&object, "waiting_count", count_if(heard, node->waiting_count));
    set(&object, "seconds", number(heard ? node->seconds : NAN));
    set(&object, "peers", peers);
    return object;
}

static json_t *worker(const struct gsp_worker_status *worker, const struct gsp_summary *node)
{
    if (!worker->phase) return json_null();
    struct object object = new_object(), metrics = new_object();
    for (size_t i = 0; i < worker->metric_count; i++)
        set(&metrics, worker->metrics[i].name, number(worker->metrics[i].value));
    set(&object, "phase", json_string(gsp_worker_phase_name(worker->phase)));
    set(&object, "phase_seconds", number(worker->phase_seconds));
    set(&object, "step_seconds", number(worker->step_seconds));
    set(&object, "detail", text_if(true, worker->detail));
    set(&object, "model", text_if(true, node->model.name));
    set(&object, "dimension", count_if(node->model.dimension, node->model.dimension));
    set(&object, "metrics", finish(&metrics));
    return finish(&object);
}

/* Takes over; one line. */
static char *dump(json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text) return NULL;
    size_t length = strlen(text);
    char *line = realloc(text, length + 2);
    if (!line) {
        free(text);
        return NULL;
    }
    memcpy(line + length, "\n", 2);
    return line;
}

static const struct gsp_summary *first_node(const struct gsp_reply *reply)
{
    static const struct gsp_summary nobody;
    return reply->node_count ? &reply->nodes[0] : &nobody;
}

char *gsp_report_status_json(const struct gsp_reply *reply)
{
    struct object object = node_object(first_node(reply), links(reply));
    set(&object, "settings", settings(reply->settings));
    set(&object, "version", text_if(true, reply->version));
    set(&object, "worker", worker(&reply->worker, first_node(reply)));
    return dump(finish(&object));
}

char *gsp_report_status_all_json(const struct gsp_reply *reply)
{
    struct object object = new_object();
    json_t *nodes = json_array();
    for (size_t i = 0; nodes && i < reply->node_count; i++) {
        struct object node = node_object(&reply->nodes[i], json_null());
        nodes = append(nodes, finish(&node));
    }
    set(&object, "nodes", nodes);
    return dump(finish(&object));
}

char *gsp_report_peers_json(const struct gsp_reply *reply)
{
    struct object object = new_object();
    set(&object, "node", text_if(true, first_node(reply)->node));
    set(&object, "peers", links(reply));
    return dump(finish(&object));
}
