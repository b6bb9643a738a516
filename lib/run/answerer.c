/* Who answers for the problem goes away, and is there again. */
#include "run/inside.h"

#include <stdio.h>

void gsp__runs_problem_away(struct gsp__runs *runs, const char *reason, bool starting)
{
    struct gsp__answerer *answerer = &runs->answerer;
    if (!answerer->away[0] || answerer->starting != starting) answerer->since = runs->host->now;
    answerer->starting = starting;
    snprintf(answerer->away, sizeof answerer->away, "%s", *reason ? reason : "it is not there");
    gsp__host_news(runs->host, true);
}

/* A question without a state, or whose state is here, may be asked of another. Where the last step is done a state is
 * of no more use. */
void gsp__runs_problem_begun(struct gsp__runs *runs)
{
    struct gsp__run *run = runs->run;
    struct gsp_problem_facts facts;
    runs->answerer.away[0] = 0;
    runs->answerer.since = runs->host->now;
    gsp__host_news(runs->host, true);
    runs->problem->type->facts(runs->problem, &facts);
    runs->tested = facts.tested;
    if (!run || !gsp__run_asks(run) || runs->host->shutting_down) return;
    gsp__makers_compare(runs);
    bool state_needed = run->asking.state_kept && gsp__runs_going_on(runs) && run->stage != GSP__RUN_SAVING;
    if (state_needed && !run->halted) {
        gsp__run_roll_back(runs);
    } else if (run->asking.out) {
        run->asking.question.attempt++;
        gsp__ask_again(runs);
    }
}
