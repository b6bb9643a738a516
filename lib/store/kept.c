/* Files that a node keeps: a magic, sections (base/sections.h), and a hash of both. */
#include "base/sections.h"
#include "store/kept.h"

#include <assert.h>
#include <string.h>

static const char MAGIC[GSP__KEPT_MAGIC] = {'g', 's', 'p', 'k', 'e', 'p', 't', '3'};

/* ---- the sections ---- */

static int put_about(const void *from, struct gsp_buffer *out)
{
    const struct gsp_kept *kept = from;
    const double numbers[] = {kept->seconds, kept->loss, kept->accuracy, kept->first_loss};
    int rc = gsp_buffer_append_u64(out, (uint64_t)kept->kind);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->generation);
    if (!rc) rc = gsp_buffer_append(out, kept->network_hash, sizeof kept->network_hash);
    if (!rc) rc = gsp_buffer_append(out, kept->data_digest, sizeof kept->data_digest);
    if (!rc) rc = gsp_buffer_append_doubles(out, numbers, sizeof numbers / sizeof *numbers);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->final);
    if (!rc) rc = gsp_buffer_append_u64(out, kept->bytes_sent);
    return rc ? rc : gsp_buffer_append_u64(out, kept->bytes_received);
}

static int take_about(void *into, struct gsp__reader *reader)
{
    struct gsp_kept *kept = into;
    kept->kind = (enum gsp_kept_kind)gsp__read_u64(reader);
    kept->generation = gsp__read_u64(reader);
    gsp__read_into(reader, kept->network_hash, sizeof kept->network_hash);
    gsp__read_into(reader, kept->data_digest, sizeof kept->data_digest);
    kept->seconds = gsp__read_double(reader);
    kept->loss = gsp__read_double(reader);
    kept->accuracy = gsp__read_double(reader);
    kept->first_loss = gsp__read_double(reader);
    kept->final = gsp__read_flag(reader);
    kept->bytes_sent = gsp__read_u64(reader);
    kept->bytes_received = gsp__read_u64(reader);
    return 0;
}

int gsp__kept_put_state(const struct gsp_run_state *state, struct gsp_buffer *out)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state = *state};
    return gsp_message_pack(&message, out);
}

int gsp__kept_take_state(struct gsp_run_state *out, struct gsp__reader *reader)
{
    struct gsp_message message;
    gsp__read(reader, 4); /* the message's length: it is all that is left */
    size_t length = reader->left;
    const uint8_t *bytes = gsp__read(reader, length);
    if (!bytes) return GSP_ERR_FORMAT;
    int rc = gsp_message_unpack(&message, bytes, length, NULL);
    if (rc) return rc == GSP_ERR_NOMEM ? rc : GSP_ERR_FORMAT;
    if (message.type == GSP_MSG_RUN_STATE)
        *out = message.u.run_state;
    else
        rc = GSP_ERR_FORMAT;
    gsp_message_clear(&message);
    return rc;
}

static int put_run(const void *from, struct gsp_buffer *out)
{
    return gsp__kept_put_state(&((const struct gsp_kept *)from)->state, out);
}

static int take_run(void *into, struct gsp__reader *reader)
{
    return gsp__kept_take_state(&((struct gsp_kept *)into)->state, reader);
}

static bool has_makers(const void *from)
{
    return ((const struct gsp_kept *)from)->makers.fingerprint[0];
}

static int put_makers(const void *from, struct gsp_buffer *out)
{
    const struct gsp_makers *makers = &((const struct gsp_kept *)from)->makers;
    int rc = gsp_buffer_append(out, makers->fingerprint, strlen(makers->fingerprint) + 1);
    return rc ? rc : gsp_buffer_append(out, makers->change, strlen(makers->change) + 1);
}

/* A text with the zero that ends it. */
static void take_text(char *out, size_t size, struct gsp__reader *reader)
{
    const uint8_t *end = reader->left ? memchr(reader->bytes, 0, reader->left < size ? reader->left : size) : NULL;
    if (end)
        gsp__read_into(reader, out, (size_t)(end - reader->bytes) + 1);
    else
        reader->bad = true;
}

static int take_makers(void *into, struct gsp__reader *reader)
{
    struct gsp_makers *makers = &((struct gsp_kept *)into)->makers;
    take_text(makers->fingerprint, sizeof makers->fingerprint, reader);
    take_text(makers->change, sizeof makers->change, reader);
    return 0;
}

static bool has_task(const void *from)
{
    return ((const struct gsp_kept *)from)->task_length > 0;
}

static int put_task(const void *from, struct gsp_buffer *out)
{
    const struct gsp_kept *kept = from;
    return gsp_buffer_append(out, kept->task, kept->task_length);
}

static int take_task(void *into, struct gsp__reader *reader)
{
    struct gsp_kept *kept = into;
    kept->task_length = reader->left;
    kept->task = gsp__read(reader, reader->left);
    return 0;
}

/* It follows what gsp_kept_begin writes, and gsp_kept_seal puts its length in. */
static int put_body(const void *from, struct gsp_buffer *out)
{
    (void)from;
    (void)out;
    return 0;
}

static int take_body(void *into, struct gsp__reader *reader)
{
    struct gsp_kept *kept = into;
    kept->length = reader->left;
    kept->body = gsp__read(reader, reader->left);
    return 0;
}

/* The body is the last. */
static const struct gsp__section SECTIONS[] = {
    {.name = "about", .version = 1, .flags = GSP__SECTION_NEEDED, .put = put_about, .take = take_about},
    {.name = "run", .version = 1, .flags = GSP__SECTION_NEEDED, .put = put_run, .take = take_run},
    {.name = "makers",
     .version = 1,
     .flags = GSP__SECTION_SKIP,
     .has = has_makers,
     .put = put_makers,
     .take = take_makers},
    /* Not to be passed over: who goes on without it comes to other bits. */
    {.name = "task", .version = 1, .has = has_task, .put = put_task, .take = take_task},
    {.name = "body", .version = 1, .flags = GSP__SECTION_NEEDED, .put = put_body, .take = take_body},
};
enum { COUNT = sizeof SECTIONS / sizeof *SECTIONS };

/* ---- writing ---- */

int gsp_kept_begin(const struct gsp_kept *kept, struct gsp_buffer *out)
{
    assert(out->length == 0);
    int rc = gsp_buffer_append(out, MAGIC, sizeof MAGIC);
    return rc ? rc : gsp__sections_put(SECTIONS, COUNT, kept, out);
}

int gsp_kept_seal(struct gsp_buffer *out)
{
    uint8_t hash[GSP__KEPT_HASH];
    gsp__section_close(out, sizeof MAGIC, SECTIONS[COUNT - 1].name);
    gsp__kept_hash(hash, out->data, out->length);
    return gsp_buffer_append(out, hash, sizeof hash);
}

/* ---- reading ---- */

static int read_3(struct gsp_kept *out, const uint8_t *bytes, size_t length, struct gsp_error *error)
{
    struct gsp__sections found;
    int rc = gsp__sections_find(&found, SECTIONS, COUNT, bytes, length, error);
    return rc ? rc : gsp__sections_take(&found, SECTIONS, COUNT, out, error);
}

static const char *kind_name(enum gsp_kept_kind kind)
{
    switch (kind) {
    case GSP_KEPT_RUN:
        return "the state of a run";
    case GSP_KEPT_CHECKPOINT:
        return "a checkpoint";
    case GSP_KEPT_RESULT:
        return "a result";
    }
    return "something unknown";
}

int gsp_kept_read(struct gsp_kept *out, enum gsp_kept_kind kind, const uint8_t *bytes, size_t length,
                  struct gsp_error *error)
{
    struct gsp_kept kept = {0};
    struct gsp_error reason = {0};
    int format, rc = gsp__kept_origin(&format, bytes, length, error);
    if (rc) return rc;
    const uint8_t *inside = bytes + GSP__KEPT_MAGIC;
    size_t left = length - GSP__KEPT_MAGIC - GSP__KEPT_HASH;
    rc = format == 2 ? gsp__kept_read_2(&kept, inside, left, &reason) : read_3(&kept, inside, left, &reason);
    /* With the right hash it is as somebody wrote it. */
    if (rc == GSP_ERR_FORMAT)
        return gsp_error_set(error, GSP_ERR_FOREIGN, "it is whole, but this gossipd can't read it: %s", reason.message);
    if (rc) return gsp_error_set(error, rc, "%s", reason.message);
    if (kept.kind != kind)
        return gsp_error_set(error, GSP_ERR_FOREIGN, "it is %s, not %s: was it copied or renamed?",
                             kind_name(kept.kind), kind_name(kind));
    *out = kept;
    return 0;
}
