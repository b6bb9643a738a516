/* What a false neighbour says: the messages of its part of a run, for a puppet that plays n002 towards n001. */
#ifndef TESTS_SIM_SCRIPT_H
#define TESTS_SIM_SCRIPT_H

#include "sim/puppet.h"

/* A run that n002 began, by number and the first byte of its id. */
struct gsp_message script_run_state(uint64_t epoch, uint8_t id, const char *settings);
/* "I have nothing of you yet", in the run of this number whose id begins with 1. */
struct gsp_message script_run_hello(uint64_t epoch);
/* Of a node whose run has ended. */
struct gsp_message script_summary(const char *node, uint64_t number);

/* puppet_say, for a message that need not have a name. */
void script_say(struct puppet *puppet, struct gsp_message message);
/* Gossip that changes nothing: d zeros, uncompressed. */
void script_say_gossip(struct puppet *puppet, size_t d, uint64_t step);
/* Begins a run of this number at n001, both hellos exchanged. */
void script_begin_run(struct puppet *puppet, uint64_t epoch, const char *settings);

#endif
