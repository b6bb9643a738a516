/* What a run came to: parameters with all that tells what they are parameters of. */
#include "run/inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gsp__result_clear(struct gsp__result *result)
{
    free(result->x);
    free(result->z);
    *result = (struct gsp__result){0};
}

/* The round after which a run of this state ends, or has ended; 0 if its settings do not tell. */
static uint64_t last_round(const struct gsp_run_state *state)
{
    struct gsp_settings settings;
    if (gsp_settings_parse(&settings, state->settings, NULL)) return 0;
    return state->stop_round && state->stop_round < settings.rounds ? state->stop_round : settings.rounds;
}

static struct gsp__origin origin(const struct gsp_run_state *state, const uint8_t data_digest[16], uint64_t round,
                                 size_t d)
{
    struct gsp__origin of = {.run = state->run, .round = round, .d = d};
    snprintf(of.settings, sizeof of.settings, "%s", state->settings);
    memcpy(of.data_digest, data_digest, sizeof of.data_digest);
    return of;
}

/* Takes both vectors, which may be NULL for want of memory; the older result gives way in any case, or it would be
 * taken for this one. */
static int replace(struct gsp__result *result, const struct gsp__origin *of, double *x, double *z)
{
    gsp__result_clear(result);
    if (!x || !z) {
        free(x);
        free(z);
        return GSP_ERR_NOMEM;
    }
    result->of = *of;
    result->x = x;
    result->z = z;
    return 0;
}

void gsp__result_keep(struct gsp__runs *runs)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__origin of = origin(&runs->state, runs->data_digest, gsp_node_round(run->node), run->d);
    double *x = gsp_vector(run->d), *z = gsp_vector(run->d);
    if (x) memcpy(x, gsp_node_x(run->node), run->d * sizeof *x);
    if (z) memcpy(z, gsp_node_z(run->node), run->d * sizeof *z);
    if (replace(&runs->last, &of, x, z))
        gsp_log(&runs->host->log, GSP_LOG_WARNING, "no memory to keep the result for init=last");
}

int gsp__result_take(struct gsp__runs *runs, const struct gsp_kept *kept)
{
    size_t d = kept->length / 16;
    if (kept->length == 0 || kept->length % 16) return 0;
    const struct gsp__origin of = origin(&kept->state, kept->data_digest, last_round(&kept->state), d);
    double *x = gsp_vector(d), *z = gsp_vector(d);
    if (x) gsp_read_doubles(x, kept->body, d);
    if (z) gsp_read_doubles(z, kept->body + 8 * d, d);
    return replace(&runs->last, &of, x, z);
}

int gsp__result_pack(const struct gsp_kept *about, const struct gsp__run *run, struct gsp_buffer *out)
{
    struct gsp_kept kept = *about;
    kept.kind = GSP_KEPT_RESULT;
    int rc = gsp_kept_begin(&kept, out);
    if (!rc) rc = gsp_buffer_append_doubles(out, gsp_node_x(run->node), run->d);
    if (!rc) rc = gsp_buffer_append_doubles(out, gsp_node_z(run->node), run->d);
    return rc ? rc : gsp_kept_seal(out);
}

bool gsp__runs_model(const struct gsp__runs *runs, struct gsp__model *out)
{
    const struct gsp__run *run = runs->run;
    const struct gsp__result *last = &runs->last;
    assert(gsp__runs_model_free(runs));
    bool kept = run && gsp_run_key_compare(&run->key, &last->of.run) == 0;
    if (!run || !run->node || kept) {
        *out = (struct gsp__model){.of = last->of, .x = last->x, .z = last->z};
        return last->of.run.epoch;
    }
    *out = (struct gsp__model){
        .of = origin(&runs->state, runs->data_digest, gsp_node_round(run->node), run->d),
        .x = gsp_node_x(run->node),
        .z = gsp_node_z(run->node),
    };
    return true;
}

bool gsp__runs_model_free(const struct gsp__runs *runs)
{
    return gsp__run_at_rest(runs);
}

uint64_t gsp__runs_last_result(const struct gsp__runs *runs)
{
    return runs->last.of.run.epoch;
}
