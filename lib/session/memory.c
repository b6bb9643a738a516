/* What a run takes, told before anything is allocated for it. */
#include "session/peer.h"

/* Bytes, about; a real, since no integer type is sure to hold it. */
static double run_memory(const struct gsp_peer *peer, const struct gsp_settings *settings,
                         const struct gsp_objective_choice *choice, const struct gsp_compressor *compressor, size_t d)
{
    double links = (double)peer->link_count, message = (double)gsp_compressor_bound(compressor, d);
    double vectors = 4 + links + 3;        /* x, z, s, scratch; the copies; the start, and the x and z of the result */
    double saved = 3 + links + 2;          /* a checkpoint on its way to the disk, and the result beside it */
    double codecs = 2 * 2;                 /* two, of indices and keys at most */
    double messages = 2 + links * (2 + 3); /* own; of each link two held, and on their way in and out */
    double log = (double)settings->log_limit, rounds = 3 * (double)settings->checkpoint_every;
    double kept = rounds * (double)settings->gossip_steps * message;
    if (rounds > 0 && kept < log) log = kept;
    return 8 * (double)d * (vectors + saved + codecs) + message * messages + 2 * log +
           gsp_objective_memory(peer->config.train, choice, (size_t)settings->classes);
}

int gsp__run_memory_check(const struct gsp_peer *peer, const struct gsp_settings *settings, struct gsp_error *error)
{
    struct gsp_compressor compressor;
    struct gsp_objective_choice choice;
    int rc = gsp_compressor_parse(&compressor, settings->compressor, error);
    if (!rc) rc = gsp_objective_parse(&choice, settings->objective, error);
    if (rc || !peer->config.memory_limit) return rc;
    size_t d = gsp_objective_dimension(peer->config.train, &choice, (size_t)settings->classes);
    double need = run_memory(peer, settings, &choice, &compressor, d), limit = (double)peer->config.memory_limit;
    if (need <= limit) return 0;
    return gsp_error_set(error, GSP_ERR_LIMIT,
                         "%zu parameters need about %.0f MB at this node, which has %.0f MB for a run: take fewer "
                         "features or classes, or more memory",
                         d, need / 1e6, limit / 1e6);
}
