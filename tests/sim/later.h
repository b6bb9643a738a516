/* A problem that answers later, as one whose gradients another process computes: the same rows and objective as a
 * node's own data set, but each gradient is a question that the test answers, and what computes it may die. */
#ifndef TESTS_SIM_LATER_H
#define TESTS_SIM_LATER_H

#include <gossip/host.h>
#include <gossip/problem.h>

/* `stateful`: what computes keeps a vector from round to round, on which its gradients depend. Borrows data and text.
 */
struct gsp_problem *later_new(const struct gsp_dataset *data, const char *fingerprint, bool stateful);
void later_free(struct gsp_problem *problem);
/* What computes is wrong: where it is born anew it begins with nothing, whatever state it is given. */
void later_forget(struct gsp_problem *problem);
/* What computes is gone, and with it what it had in memory. */
void later_die(struct gsp_problem *problem);
/* Computes the answer to a question of a task of this problem, which brings its state if that is to be saved; its views
 * live until the next call. False: no task is posed any more. */
bool later_answer(struct gsp_problem *problem, const struct gsp_question *question, const double *x, bool save,
                  struct gsp_answer *out);

#endif
