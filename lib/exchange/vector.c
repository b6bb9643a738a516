/* Whole vectors: z as it is, where messages cannot be sent again or were not the same. */
#include "exchange/inside.h"

#include <assert.h>
#include <stdlib.h>

/* ---- out ---- */

void gsp__vector_put(struct gsp__exchange *exchange, size_t slot, enum gsp_message_type type, uint64_t step,
                     uint64_t digest, const double *z)
{
    struct gsp__parcel *parcel = &exchange->lines[slot].parcel;
    assert(!parcel->due);
    parcel->z.length = 0;
    if (z && gsp_buffer_append_doubles(&parcel->z, z, exchange->run.d)) {
        gsp__transport_fail(exchange->transport, slot, "no memory to send a vector");
        return;
    }
    parcel->due = true;
    parcel->type = type;
    parcel->step = step;
    parcel->digest = digest;
}

bool gsp__exchange_next_vector(struct gsp__exchange *exchange, size_t slot, struct gsp_message *out)
{
    struct gsp__parcel *parcel = &exchange->lines[slot].parcel;
    if (!parcel->due) {
        gsp_buffer_clear(&parcel->z); /* it has been sent: as large as the model, and seldom needed */
        return false;
    }
    if (parcel->greeting && exchange->state == GSP__EXCHANGE_OPEN) {
        parcel->greeting = false;
        gsp__hello_write(exchange, slot, out);
        return true;
    }
    parcel->due = parcel->greeting = false;
    gsp__message_begin(out, parcel->type);
    out->u.vector.run = exchange->key;
    out->u.vector.step = parcel->step;
    out->u.vector.digest = parcel->digest;
    out->u.vector.z = parcel->z.data;
    out->u.vector.length = parcel->z.length;
    return true;
}

/* ---- in ---- */

double *gsp__vector_take(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message)
{
    size_t d = exchange->run.d;
    if (message->u.vector.length != 8 * d || message->u.vector.step == 0) {
        gsp__transport_fail(exchange->transport, slot, "a vector of %zu bytes for step %llu; this run's have %zu",
                            message->u.vector.length, (unsigned long long)message->u.vector.step, 8 * d);
        return NULL;
    }
    if (!gsp__exchange_in_run(exchange, slot, message->u.vector.step)) return NULL;
    double *z = gsp_vector(d);
    if (!z) {
        gsp__transport_fail(exchange->transport, slot, "no memory for its vector");
        return NULL;
    }
    gsp_read_doubles(z, message->u.vector.z, d);
    if (gsp_finite(d, z)) return z;
    free(z);
    gsp__transport_fail(exchange->transport, slot, "a vector that is not finite");
    return NULL;
}

void gsp__vector_resync(struct gsp__exchange *exchange, size_t slot, const struct gsp_message *message)
{
    if (!gsp__exchange_opened(exchange, slot) || !gsp__exchange_is_ours(exchange, &message->u.vector.run)) return;
    if (!gsp__state_free(exchange->host, exchange->run.node)) { /* what is being packed would change */
        gsp__transport_fail(exchange->transport, slot, "its z came while a checkpoint was packed: asked for again");
        return;
    }
    double *z = gsp__vector_take(exchange, slot, message);
    if (!z) return;
    unsigned long long step = (unsigned long long)message->u.vector.step;
    int rc = gsp_node_resync(exchange->run.node, slot, message->u.vector.step, z, message->u.vector.digest);
    free(z);
    if (rc == GSP_ERR_STATE) return; /* past it already */
    if (rc) {
        gsp__transport_fail(exchange->transport, slot, "no memory for its z");
        return;
    }
    const char *name = gsp__name_at(exchange->host, slot);
    gsp__exchange_set_note(exchange, "took the z of %s over as it was at step %llu", name, step);
    gsp_log(&exchange->host->log, GSP_LOG_INFO, "%s: its z is taken over as it was at step %llu", name, step);
    gsp__host_news(exchange->host, false);
}
