/* What a run takes, told before anything is allocated for it. */
#include "run/inside.h"

/* Bytes, about; a real, since no integer type is sure to hold it. */
static double run_memory(const struct gsp__runs *runs, const struct gsp_settings *settings,
                         const struct gsp_compressor *compressor, size_t d)
{
    double links = (double)gsp__slots(runs->host), message = (double)gsp_compressor_bound(compressor, d);
    double momentum = settings->momentum > 0; /* m, of the node and of a checkpoint */
    double vectors =
        4 + momentum + links + 3; /* x, z, s, scratch; the copies; the start, and the x and z of the result */
    double saved = 3 + momentum + links + 2; /* a checkpoint on its way to the disk, and the result beside it */
    double codecs = 2 * 2;                   /* two, of indices and keys at most */
    double messages = 2 + links * (2 + 3);   /* own; of each link two held, and on their way in and out */
    double log = (double)settings->log_limit, rounds = 3 * (double)settings->checkpoint_every;
    double kept = rounds * (double)settings->gossip_steps * message;
    if (rounds > 0 && kept < log) log = kept;
    return 8 * (double)d * (vectors + saved + codecs) + message * messages + 2 * log +
           runs->problem->type->memory(runs->problem, settings);
}

int gsp__run_memory_check(const struct gsp__runs *runs, const struct gsp_settings *settings, struct gsp_error *error)
{
    struct gsp_compressor compressor;
    int rc = gsp_compressor_parse(&compressor, settings->compressor, error);
    if (rc || !runs->memory_limit) return rc;
    size_t d = runs->problem->type->dimension(runs->problem, settings);
    double need = run_memory(runs, settings, &compressor, d), limit = (double)runs->memory_limit;
    if (need <= limit) return 0;
    return gsp_error_set(error, GSP_ERR_LIMIT,
                         "%zu parameters need about %.0f MB at this node, which has %.0f MB for a run: take fewer "
                         "features or classes, or more memory",
                         d, need / 1e6, limit / 1e6);
}
