/* A node's saved state: what was saved comes back, also from the format before; what another version wrote is taken,
 * passed over or refused by name. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "fuzz/node_config.h"
#include "unit/run_suite.h"
#include "unit/section_cases.h"

enum { D = 13, MAGIC = 8 };

/* Nodes with all that a state may hold. */
enum shape {
    NEW,
    STEPS,     /* some done, their messages in the log */
    EDGE_DOWN, /* one neighbour does not count */
    RESYNC,    /* and comes back at a step to come */
    RECOVERED, /* begins again from its z alone, and knows one neighbour so far */
    SHAPES
};

struct fixture {
    struct gsp_graph *graph;
    struct gsp_node_config config;
    struct gsp_node *node;
    struct gsp_buffer saved;
};

/* Its neighbours are silent: it hears its own messages from them. */
static void do_steps(struct gsp_node *node, uint64_t last)
{
    struct gsp_work work;
    gsp_node_allow(node, last);
    while (gsp_node_next(node, &work)) {
        int rc = work.stages & GSP_STAGE_MIX ? gsp_work_mix(&work) : 0;
        for (size_t i = 0; work.stages & GSP_STAGE_GRADIENT && i < D; i++) work.gradient[i] = work.x[i] - 1;
        if (!rc && work.stages & GSP_STAGE_GRADIENT) rc = gsp_work_gradient(&work);
        if (!rc && work.stages & GSP_STAGE_ENCODE) rc = gsp_work_encode(&work);
        ck_assert_int_eq(rc, 0);
        ck_assert_int_eq(gsp_node_finish(node, &work), 0);
        size_t length;
        uint64_t step = gsp_node_log_end(node) - 1;
        const uint8_t *own = gsp_node_log_view(node, step, &length);
        for (size_t slot = 0; own && slot < 2; slot++)
            if (gsp_node_expected(node, slot) == step)
                ck_assert_int_eq(gsp_node_accept(node, slot, step, own, length, NULL), 0);
    }
}

static void shape(struct fixture *f, enum shape shape)
{
    double z[D];
    for (size_t i = 0; i < D; i++) z[i] = 1.0 / (double)(i + 3);
    ck_assert_int_eq(shape == RECOVERED ? gsp_node_recover(&f->node, &f->config, 5, z, 99)
                                        : gsp_node_new(&f->node, &f->config, z),
                     0);
    if (shape == RECOVERED) {
        ck_assert_int_eq(gsp_node_resync(f->node, 1, 6, z, 77), 0);
        ck_assert_ptr_nonnull(gsp_node_log_z(f->node));
        return;
    }
    if (shape != NEW) do_steps(f->node, 6);
    gsp_node_add_seconds(f->node, 1, 2, 3);
    if (shape == EDGE_DOWN || shape == RESYNC) gsp_node_edge_down(f->node, 0);
    if (shape != RESYNC) return;
    gsp_node_edge_up(f->node, 0, 9);
    ck_assert_int_eq(gsp_node_resync(f->node, 0, 9, z, 77), 0);
    ck_assert_ptr_nonnull(f->node->neighbours[0].resync);
}

/* _i: a compressor and a shape. */
static void fixture_init(struct fixture *f, unsigned i)
{
    *f = (struct fixture){0};
    /* randk and dropout draw other coordinates at each node, so a node's own messages are none of its neighbours' */
    static const unsigned compressors[] = {0, 1, 4, 5};
    fuzz_node_config(&f->config, &f->graph, compressors[i / SHAPES], D);
    shape(f, (enum shape)(i % SHAPES));
    ck_assert_int_eq(gsp_node_save(f->node, &f->saved), 0);
}

static void fixture_clear(struct fixture *f)
{
    gsp_node_free(f->node);
    gsp_graph_free(f->graph);
    gsp_buffer_clear(&f->saved);
}

/* Loads, and compares all that can be saved. */
static void loads_as(struct fixture *f, const struct gsp_buffer *bytes, const struct gsp_buffer *want)
{
    struct gsp_node *node = NULL;
    struct gsp_error error = {0};
    struct gsp_buffer again = {0};
    int rc = gsp_node_load(&node, &f->config, bytes->data, bytes->length, &error);
    ck_assert_msg(rc == 0, "%s", error.message);
    ck_assert_int_eq(gsp_node_save(node, &again), 0);
    ck_assert_uint_eq(again.length, want->length);
    ck_assert_mem_eq(again.data, want->data, want->length);
    gsp_node_free(node);
    gsp_buffer_clear(&again);
}

static void refused(struct fixture *f, const struct gsp_buffer *bytes, int code, const char *text)
{
    struct gsp_node *node = NULL;
    struct gsp_error error = {0};
    ck_assert_int_eq(gsp_node_load(&node, &f->config, bytes->data, bytes->length, &error), code);
    ck_assert_msg(strstr(error.message, text), "not '%s' but: %s", text, error.message);
    ck_assert_ptr_null(node);
}

/* ---- the format before ---- */

static void put_numbers(struct gsp_buffer *out, const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) ck_assert_int_eq(gsp_buffer_append_u64(out, numbers[i]), 0);
}

static void put_flag(struct gsp_buffer *out, bool flag)
{
    ck_assert_int_eq(gsp_buffer_append_u64(out, flag), 0);
}

static void put_vector(struct gsp_buffer *out, const double *values)
{
    ck_assert_int_eq(gsp_buffer_append_doubles(out, values, D), 0);
}

static void put_neighbour_before(struct gsp_buffer *out, const struct gsp__neighbour *neighbour)
{
    const struct gsp__resync *resync = neighbour->resync;
    const uint64_t numbers[] = {neighbour->since,           neighbour->down,           neighbour->counted,
                                neighbour->awaited,         neighbour->applied_digest, resync ? resync->step : 0,
                                resync ? resync->digest : 0};
    put_numbers(out, numbers, 7);
    put_vector(out, neighbour->copy);
    put_flag(out, resync);
    if (resync) put_vector(out, resync->z);
}

/* The layout of gspnode2, put down here once more: there is no code left that writes it. */
static void save_before(const struct gsp_node *node, struct gsp_buffer *out)
{
    const struct gsp_counters *counters = &node->counters;
    const uint64_t head[] = {node->d, node->degree, node->step, node->round, node->stale, counters->payload_bytes};
    const double real[] = {counters->gradient_seconds, counters->coding_seconds, counters->waiting_seconds,
                           node->consensus_error, node->residual};
    ck_assert_int_eq(gsp_buffer_append(out, "gspnode2", MAGIC), 0);
    put_numbers(out, head, 6);
    ck_assert_int_eq(gsp_buffer_append_doubles(out, real, 5), 0);
    put_vector(out, node->x);
    put_vector(out, node->z);
    put_vector(out, node->s);
    for (size_t slot = 0; slot < node->degree; slot++) put_neighbour_before(out, &node->neighbours[slot]);
    put_flag(out, node->base_z);
    if (node->base_z) put_vector(out, node->base_z);
    put_numbers(out, (const uint64_t[]){node->log.base, node->log.base_digest, node->log.count}, 3);
    for (uint64_t step = node->log.base; step < node->log.base + node->log.count; step++) {
        const struct gsp__log_entry *entry = gsp__log_at(&node->log, step);
        put_numbers(out, (const uint64_t[]){entry->digest, entry->payload.length}, 2);
        ck_assert_int_eq(gsp_buffer_append(out, entry->payload.bytes, entry->payload.length), 0);
    }
}

START_TEST(the_format_before_is_read)
{
    struct fixture f;
    struct gsp_buffer before = {0};
    size_t d = 0;
    uint64_t step = 0;
    fixture_init(&f, (unsigned)_i);
    save_before(f.node, &before);
    loads_as(&f, &before, &f.saved);
    ck_assert_int_eq(gsp_node_saved(before.data, before.length, &d, &step, NULL), 0);
    ck_assert(d == D && step == gsp_node_step(f.node));
    for (size_t cut = 0; cut < before.length; cut++)
        refused(&f, &(struct gsp_buffer){.data = before.data, .length = cut}, GSP_ERR_FORMAT, "the state of");
    gsp_buffer_clear(&before);
    fixture_clear(&f);
}
END_TEST

/* ---- this one ---- */

START_TEST(comes_back_as_it_was)
{
    struct fixture f;
    size_t d = 0;
    uint64_t step = 0;
    fixture_init(&f, (unsigned)_i);
    loads_as(&f, &f.saved, &f.saved);
    ck_assert_int_eq(gsp_node_saved(f.saved.data, f.saved.length, &d, &step, NULL), 0);
    ck_assert(d == D && step == gsp_node_step(f.node));
    for (size_t cut = 0; cut < f.saved.length; cut++)
        refused(&f, &(struct gsp_buffer){.data = f.saved.data, .length = cut}, GSP_ERR_FORMAT, "");
    fixture_clear(&f);
}
END_TEST

/* A state without its counters, which are not needed to go on, and with what is not known here. */
START_TEST(other_versions_are_taken_or_refused_by_name)
{
    struct fixture f;
    struct gsp_buffer other = {0};
    size_t d = 0;
    uint64_t step = 0;
    fixture_init(&f, (unsigned)_i);
    ck_assert_int_eq(gsp_buffer_append(&other, f.saved.data, f.saved.length), 0);
    put_section(&other, "velocity", 2, 1, "12345", 5);
    loads_as(&f, &other, &f.saved);

    memcpy(find_section(&other, MAGIC, "counters"), "old_ones", 8); /* it says that it may be passed over */
    f.node->counters = (struct gsp_counters){0};
    f.node->consensus_error = f.node->residual = NAN;
    f.saved.length = 0;
    ck_assert_int_eq(gsp_node_save(f.node, &f.saved), 0);
    loads_as(&f, &other, &f.saved);

    put_section(&other, "velocity", 2, 0, "12345", 5);
    refused(&f, &other, GSP_ERR_FOREIGN, "a section velocity, version 2, which this gossipd does not know");
    ck_assert_int_eq(gsp_node_saved(other.data, other.length, &d, &step, NULL), GSP_ERR_FOREIGN);
    gsp_buffer_clear(&other);
    f.saved.data[7] = '4';
    refused(&f, &f.saved, GSP_ERR_FOREIGN, "of the format gspnode4");
    f.saved.data[6] = 'f';
    refused(&f, &f.saved, GSP_ERR_FORMAT, "not the state of a node");
    fixture_clear(&f);
}
END_TEST

/* What a section holds is looked at, too. */
START_TEST(numbers_that_can_not_be_are_refused)
{
    struct fixture f;
    fixture_init(&f, RESYNC);
    uint8_t *resync = find_section(&f.saved, MAGIC, "resyncs") + SECTION_HEADER;
    resync[0] = 2; /* a ring of three: slots 0 and 1 */
    refused(&f, &f.saved, GSP_ERR_FORMAT, "section resyncs");
    resync[0] = 0;
    resync[8] = 1; /* a step that is over */
    refused(&f, &f.saved, GSP_ERR_FORMAT, "section resyncs");
    resync[8] = 9;
    loads_as(&f, &f.saved, &f.saved);
    find_section(&f.saved, MAGIC, "edges")[SECTION_HEADER + 8] = 2; /* down: 0 or 1 */
    refused(&f, &f.saved, GSP_ERR_FORMAT, "section edges");
    fixture_clear(&f);
}
END_TEST

/* A log whose steps run over the greatest number: the sum is that of the state, the log is not. */
START_TEST(log_beyond_all_steps_is_refused)
{
    struct fixture f;
    uint8_t log[24 + 2 * 16];
    fixture_init(&f, NEW);
    uint8_t *header = find_section(&f.saved, MAGIC, "log");
    memcpy(log, header + SECTION_HEADER, 24);
    memset(log, 0xff, 8); /* base, then a digest, then how many */
    log[16] = 2;
    memset(log + 24, 0, 32); /* two empty messages */
    f.saved.length = (size_t)(header - f.saved.data);
    put_section(&f.saved, "log", 1, 0, log, sizeof log);
    refused(&f, &f.saved, GSP_ERR_FORMAT, "section log");
    fixture_clear(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("node_state");
    TCase *tests = tcase_create("node_state");
    tcase_add_loop_test(tests, the_format_before_is_read, 0, 4 * SHAPES);
    tcase_add_loop_test(tests, comes_back_as_it_was, 0, 4 * SHAPES);
    tcase_add_loop_test(tests, other_versions_are_taken_or_refused_by_name, 0, 4 * SHAPES);
    tcase_add_test(tests, numbers_that_can_not_be_are_refused);
    tcase_add_test(tests, log_beyond_all_steps_is_refused);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
