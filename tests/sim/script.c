#include "sim/script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "algo/node.h"

struct gsp_message script_run_state(uint64_t epoch, uint8_t id, const char *settings)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state.run = {.epoch = epoch, .id = {id}}};
    snprintf(message.u.run_state.origin, sizeof message.u.run_state.origin, "n002");
    snprintf(message.u.run_state.settings, sizeof message.u.run_state.settings, "%s", settings);
    return message;
}

struct gsp_message script_run_hello(uint64_t epoch)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_HELLO, .u.run_hello.run = {.epoch = epoch, .id = {1}}};
    message.u.run_hello.expect = message.u.run_hello.have = message.u.run_hello.durable = 1;
    message.u.run_hello.digest = gsp__digest_start(message.u.run_hello.run.id, "n001");
    return message;
}

struct gsp_message script_summary(const char *node, uint64_t number)
{
    struct gsp_message message = {.type = GSP_MSG_SUMMARY};
    struct gsp_summary *summary = &message.u.summary;
    snprintf(summary->node, sizeof summary->node, "%s", node);
    summary->number = number;
    summary->ended = true;
    summary->rows = summary->columns = 4;
    return message;
}

void script_say(struct puppet *puppet, struct gsp_message message)
{
    puppet_say(puppet, &message);
}

void script_say_gossip(struct puppet *puppet, size_t d, uint64_t step)
{
    uint8_t *payload = gsp_alloc(1 + 8 * d, 1);
    payload[0] = 1; /* dense */
    struct gsp_message message = {.type = GSP_MSG_GOSSIP};
    message.u.gossip.step = step;
    message.u.gossip.payload = payload;
    message.u.gossip.length = 1 + 8 * d;
    puppet_say(puppet, &message);
    free(payload);
}

void script_begin_run(struct puppet *puppet, uint64_t epoch, const char *settings)
{
    struct gsp_message message;
    script_say(puppet, script_run_state(epoch, 1, settings));
    cluster_play_for(puppet->cluster, 100);
    puppet_expect(puppet, GSP_MSG_RUN_HELLO, &message);
    ck_assert_uint_eq(message.u.run_hello.run.epoch, epoch);
    script_say(puppet, script_run_hello(epoch));
}
