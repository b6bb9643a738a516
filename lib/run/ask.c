/* Questions to a problem that answers later: asked, answered, and asked again where what answers has begun anew. */
#include "run/inside.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gsp__run_asks(const struct gsp__run *run)
{
    return run->task && !run->task->type->gradient;
}

/* ---- asking ---- */

/* Whether the answer must bring the state: a checkpoint may be due before the next gradient. Once one is due, every
 * answer brings it: a node that waits for its disk must not lack what it is to write. */
static bool state_wanted(const struct gsp__run *run)
{
    uint64_t next = run->asking.question.round * run->settings.gossip_steps + 1;
    return next >= run->plan.saved + run->plan.gap || run->plan.fence > run->plan.durable;
}

void gsp__ask_again(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    const struct gsp__asking *asking = &run->asking;
    struct gsp_action *action = gsp__action_add(runs->host, GSP_ACTION_ASK);
    if (!action) {
        gsp__run_fail(runs, "no memory to ask for a gradient");
        return;
    }
    action->question = asking->question;
    gsp__answerer_asked(runs);
    struct gsp_asked *asked = &action->asked;
    asked->settings = runs->state.settings;
    asked->dimension = run->d;
    if (run->task->type->state) run->task->type->state(run->task, &asked->state, &asked->state_length);
    if (asking->question.ask == GSP_ASK_BEGIN) return;
    asked->x = asking->question.ask == GSP_ASK_GRADIENT ? asking->work.x : gsp_node_x(run->node);
    if (asking->question.ask == GSP_ASK_EVALUATE) return;
    asked->eta = asking->work.eta;
    asked->save = state_wanted(run);
}

void gsp__ask(struct gsp__runs *runs, enum gsp_ask what, uint64_t round)
{
    struct gsp__asking *asking = &runs->run->asking;
    assert(!asking->out);
    asking->out = true;
    asking->question = (struct gsp_question){.ask = what, .run = runs->run->key, .round = round, .attempt = 1};
    gsp__ask_again(runs);
}

/* ---- answers ---- */

static bool is_answer(const struct gsp__asking *asking, const struct gsp_question *question)
{
    const struct gsp_question *mine = &asking->question;
    return asking->out && mine->ask == question->ask && mine->round == question->round &&
           mine->attempt == question->attempt && gsp_run_key_compare(&mine->run, &question->run) == 0;
}

static void begin_answered(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp__run *run = runs->run;
    struct gsp_error error = {0};
    run->file.values = gsp_vector(run->d);
    if (!run->file.values) {
        gsp__run_fail(runs, "no memory for %zu parameters", run->d);
        return;
    }
    run->file.shape[0] = 1;
    run->file.shape[1] = run->d;
    if (gsp_answer_take(run->file.values, run->d, answer, NULL, &error))
        gsp__run_fail(runs, "%s", error.message);
    else if (!gsp_finite(run->d, run->file.values))
        gsp__run_fail(runs, "the initial point holds a number that is not finite");
}

static void gradient_answered(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    const struct gsp_work work = runs->run->asking.work;
    struct gsp_error error = {0};
    if (gsp_answer_step(work.gradient, runs->run->d, answer, work.x, runs->run->settings.momentum, &error)) {
        gsp__run_fail(runs, "%s", error.message);
        return;
    }
    gsp_node_add_seconds(runs->run->node, answer->seconds, 0, 0);
    gsp__step_answered(runs, &work, answer->kind == GSP_ANSWER_UPDATE, answer->loss);
}

static bool take_state(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp__run *run = runs->run;
    struct gsp_error error = {0};
    if (!run->task->type->load || answer->question.ask != GSP_ASK_GRADIENT) return true;
    run->asking.state_kept = answer->state_kept;
    if (answer->state_kept) return true;
    if (!run->task->type->load(run->task, answer->state, answer->state_length, &error)) return true;
    gsp__run_fail(runs, "%s", error.message);
    return false;
}

static void take_answer(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    if (answer->failure)
        gsp__run_fail(runs, "%s", answer->failure);
    else if (!take_state(runs, answer))
        return;
    else if (answer->question.ask == GSP_ASK_BEGIN)
        begin_answered(runs, answer);
    else if (answer->question.ask == GSP_ASK_GRADIENT)
        gradient_answered(runs, answer);
    else
        gsp__step_evaluated(runs, answer->loss, answer->accuracy, answer->seconds);
}

void gsp__runs_answer(struct gsp__runs *runs, const struct gsp_answer *answer)
{
    struct gsp__run *run = runs->run;
    if (!run || !is_answer(&run->asking, &answer->question)) return;
    run->asking.out = false;
    gsp__answerer_answered(runs, answer);
    if (answer->question.ask == GSP_ASK_GRADIENT) gsp__take_back(runs->host);
    enum gsp__stage due = answer->question.ask == GSP_ASK_BEGIN ? GSP__RUN_PREPARING : GSP__RUN_ACTIVE;
    if (run->stage != due || run->halted) return; /* ended meanwhile */
    if (runs->host->shutting_down) return;        /* the next life asks again */
    take_answer(runs, answer);
}
