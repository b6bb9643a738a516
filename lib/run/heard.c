/* What status says of who answers for the problem. */
#include "run/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void gsp__answerer_asked(struct gsp__runs *runs)
{
    if (!runs->answerer.away[0]) runs->answerer.since = runs->host->now;
}

/* Of metrics of one name the newest counts. */
static void take_metric(struct gsp__answerer *answerer, const struct gsp_metric *metric)
{
    size_t i = 0;
    while (i < answerer->metric_count && strcmp(answerer->metrics[i].name, metric->name) != 0) i++;
    if (i == GSP_METRICS_MAX) return;
    answerer->metrics[i] = *metric;
    if (i == answerer->metric_count) answerer->metric_count++;
}

void gsp__answerer_answered(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp__answerer *answerer = &runs->answerer;
    if (answer->question.ask == GSP_ASK_GRADIENT && !answer->failure) {
        answerer->timed = true;
        answerer->step_seconds = answer->seconds;
    }
    for (size_t i = 0; i < answer->metric_count; i++) take_metric(answerer, &answer->metrics[i]);
    if (!answerer->away[0]) answerer->since = runs->host->now;
}

static enum gsp_worker_phase phase(const struct gsp__runs *runs)
{
    static const enum gsp_worker_phase asked[] = {[GSP_ASK_BEGIN] = GSP_WORKER_BEGINNING,
                                                  [GSP_ASK_GRADIENT] = GSP_WORKER_COMPUTING,
                                                  [GSP_ASK_EVALUATE] = GSP_WORKER_EVALUATING};
    struct gsp_problem_facts facts;
    if (runs->answerer.away[0]) return runs->answerer.starting ? GSP_WORKER_STARTING : GSP_WORKER_AWAY;
    runs->problem->type->facts(runs->problem, &facts);
    if (!facts.model.dimension) return GSP_WORKER_NONE;
    bool busy = runs->run && runs->run->stage != GSP__RUN_ENDED && runs->run->asking.out;
    return busy ? asked[runs->run->asking.question.ask] : GSP_WORKER_READY;
}

void gsp__runs_describe_worker(const struct gsp__runs *runs, struct gsp_worker_status *out)
{
    const struct gsp__answerer *answerer = &runs->answerer;
    *out = (struct gsp_worker_status){.phase = phase(runs), .phase_seconds = NAN, .step_seconds = NAN};
    if (!out->phase) return;
    snprintf(out->detail, sizeof out->detail, "%s", answerer->away);
    out->phase_seconds = (double)(runs->host->now - answerer->since) / 1000;
    if (answerer->timed) out->step_seconds = answerer->step_seconds;
    out->metric_count = answerer->metric_count;
    memcpy(out->metrics, answerer->metrics, sizeof out->metrics);
}
