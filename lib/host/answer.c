/* Vectors that a problem answers with, as doubles. */
#include <gossip/host.h>

#include <string.h>

int gsp_answer_take(double *out, size_t d, const struct gsp_answer *answer, const double *from, struct gsp_error *error)
{
    const float *singles = answer->vector;
    const double *doubles = answer->vector;
    const char *what = answer->question.ask == GSP_ASK_BEGIN ? "an initial point" : from ? "an update" : "a gradient";
    if (!answer->vector || answer->dimension != d)
        return gsp_error_set(error, GSP_ERR_FORMAT, "%s of %zu values came for %zu parameters", what,
                             answer->vector ? answer->dimension : (size_t)0, d);
    if (answer->dtype == GSP_FLOAT32)
        for (size_t i = 0; i < d; i++) out[i] = (double)singles[i] - (from ? (double)(float)from[i] : 0);
    else if (from)
        for (size_t i = 0; i < d; i++) out[i] = doubles[i] - from[i];
    else
        memcpy(out, doubles, d * sizeof *out);
    return 0;
}

int gsp_answer_step(double *out, size_t d, const struct gsp_answer *answer, const double *x, double momentum,
                    struct gsp_error *error)
{
    bool update = answer->kind == GSP_ANSWER_UPDATE;
    if (update && momentum > 0)
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "momentum is for gradients, and this worker makes the step itself: start with momentum=0");
    return gsp_answer_take(out, d, answer, update ? x : NULL, error);
}
