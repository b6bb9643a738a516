/* The attacks, one function each. */
#ifndef TESTS_ATTACK_ATTACKS_H
#define TESTS_ATTACK_ATTACKS_H

#include "attack/intruder.h"

/* What must be ready for an attack. */
enum stage {
    STAGE_DIAL,   /* the attacker connects to a daemon that is up */
    STAGE_ANSWER, /* it listens at its node's endpoint, then the daemon is started and dials it */
    STAGE_STAR,   /* the same, as each of the neighbours of a hub */
    STAGE_FEW     /* as STAGE_DIAL, and the daemon may open few files */
};

struct attack {
    const char *name;
    enum stage stage;
    void (*run)(const struct target *target);
};

enum { DIALED = 35000 }; /* ms: in this time a daemon dials again, however often it failed */

void small_order_m1(const struct target *target);
void small_order_m2(const struct target *target);
void small_order_m3(const struct target *target);

/* Each list ends with a NULL name. */
extern const struct attack attacks_strangers[], attacks_floods[], attacks_answers[], attacks_records[],
    attacks_messages[], attacks_runs[];

#endif
