/* What status says of a worker, to protobuf and back. */
#include "wire/worker_msg.h"
#include "wire/summary_msg.h"
#include "wire/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

const char *gsp_worker_phase_name(enum gsp_worker_phase phase)
{
    static const char *const names[] = {"none", "away", "starting", "ready", "beginning", "computing", "evaluating"};
    return phase <= GSP_WORKER_EVALUATING ? names[phase] : "unknown";
}

bool gsp__metric_name_valid(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen(name);
    return length && length <= GSP_METRIC_NAME_MAX && strspn(name, allowed) == length;
}

static void put_seconds(protobuf_c_boolean *has, double *out, double value)
{
    value = gsp__known_number(value, 0, DBL_MAX);
    *has = !isnan(value);
    *out = isnan(value) ? 0 : value;
}

void gsp__worker_to_pb(struct gsp__packed_worker *out, const struct gsp_worker_status *status)
{
    out->copy = *status;
    gsp_text_clean(out->copy.detail);
    gossipd__worker_status__init(&out->pb);
    out->pb.phase = status->phase;
    out->pb.detail = *out->copy.detail ? out->copy.detail : NULL;
    put_seconds(&out->pb.has_phase_seconds, &out->pb.phase_seconds, status->phase_seconds);
    put_seconds(&out->pb.has_step_seconds, &out->pb.step_seconds, status->step_seconds);
    out->pb.metrics = out->list;
    for (size_t i = 0; i < status->metric_count && i < GSP_METRICS_MAX; i++) {
        struct gsp_metric *metric = &out->copy.metrics[i];
        if (!gsp__metric_name_valid(metric->name)) continue;
        Gossipd__Metric *pb = &out->metrics[out->pb.n_metrics];
        gossipd__metric__init(pb);
        pb->name = metric->name;
        pb->has_value = isfinite(metric->value);
        pb->value = pb->has_value ? metric->value : 0;
        out->list[out->pb.n_metrics++] = pb;
    }
}

int gsp__worker_from_pb(struct gsp_worker_status *out, const Gossipd__WorkerStatus *pb, struct gsp_error *error)
{
    *out = (struct gsp_worker_status){.phase_seconds = NAN, .step_seconds = NAN};
    if (!pb) return 0;
    if (pb->phase > GSP_WORKER_EVALUATING)
        return gsp_error_set(error, GSP_ERR_FORMAT, "no worker is in phase %u", (unsigned)pb->phase);
    out->phase = (enum gsp_worker_phase)pb->phase;
    if (pb->has_phase_seconds) out->phase_seconds = gsp__known_number(pb->phase_seconds, 0, DBL_MAX);
    if (pb->has_step_seconds) out->step_seconds = gsp__known_number(pb->step_seconds, 0, DBL_MAX);
    for (size_t i = 0; i < pb->n_metrics; i++) {
        struct gsp_metric *metric = &out->metrics[out->metric_count++];
        if (!gsp__metric_name_valid(pb->metrics[i]->name))
            return gsp_error_set(error, GSP_ERR_FORMAT, "the name of a metric is none");
        memcpy(metric->name, pb->metrics[i]->name, strlen(pb->metrics[i]->name));
        metric->value = pb->metrics[i]->has_value ? pb->metrics[i]->value : NAN;
    }
    return gsp__text_copy(out->detail, sizeof out->detail, pb->detail, "a worker's detail", error);
}
