/* Two live peers of a ring, whose third node is played by the bytes: a stream of events, each an operation (its first
 * byte) and what that needs. It has a listed key, so it may say anything; the two must neither crash nor stop
 * answering. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/look.h"
#include "sim/puppet.h"

enum { SELF = 2, OTHER = 0, EVENTS_MAX = 200 };

/* A message of the stream: the fuzzer's bytes with the length in front. */
static void say_framed(struct puppet *puppet, struct fuzz_input *input)
{
    size_t length = fuzz_u16(input) % 2048;
    const uint8_t *bytes = fuzz_bytes(input, &length);
    uint8_t message[4 + 2048] = {(uint8_t)length, (uint8_t)(length >> 8)};
    if (length) memcpy(message + 4, bytes, length);
    puppet_say_bytes(puppet, message, 4 + length);
}

/* The run that is on, so that links take what is said of it. */
static const struct gsp_run_state *state_of(const struct puppet *puppet)
{
    return look_state(cluster_peer(puppet->cluster, OTHER));
}

static void say_run_hello(struct puppet *puppet, struct fuzz_input *input)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_HELLO};
    message.u.run_hello.run = state_of(puppet)->run;
    message.u.run_hello.expect = 1 + fuzz_byte(input) % 8;
    message.u.run_hello.have = 1 + fuzz_byte(input) % 8;
    message.u.run_hello.digest = fuzz_u64(input);
    message.u.run_hello.durable = 1;
    puppet_say(puppet, &message);
}

static void say_gossip(struct puppet *puppet, struct fuzz_input *input)
{
    struct gsp_message message = {.type = GSP_MSG_GOSSIP};
    message.u.gossip.step = 1 + fuzz_byte(input) % 8;
    message.u.gossip.length = fuzz_byte(input);
    message.u.gossip.payload = fuzz_bytes(input, &message.u.gossip.length);
    puppet_say(puppet, &message);
}

static void say_summary(struct puppet *puppet, struct fuzz_input *input)
{
    struct gsp_message message = {.type = GSP_MSG_SUMMARY};
    struct gsp_summary *summary = &message.u.summary;
    strcpy(summary->node, cluster_network(puppet->cluster)->nodes[fuzz_byte(input) % 3].name);
    summary->number = fuzz_u16(input);
    summary->poll = fuzz_byte(input);
    summary->phase = fuzz_byte(input) % (GSP_PHASE_FAILED + 1);
    if (fuzz_byte(input) & 1) summary->run = state_of(puppet)->run;
    summary->ended = fuzz_byte(input) & 1;
    summary->rows = summary->columns = 4;
    summary->dtype = GSP_FLOAT64;
    summary->loss = summary->target_max = fuzz_byte(input);
    summary->target_min = 0;
    summary->lambda_max = fuzz_byte(input);
    puppet_say(puppet, &message);
}

static void say_run_state(struct puppet *puppet, struct fuzz_input *input)
{
    struct gsp_message message = {.type = GSP_MSG_RUN_STATE, .u.run_state = *state_of(puppet)};
    struct gsp_run_state *state = &message.u.run_state;
    unsigned what = fuzz_byte(input);
    if (!state->run.epoch || what & 1) {
        state->run.epoch += 1 + (what >> 4);
        state->run.id[0] = fuzz_byte(input);
        strcpy(state->origin, cluster_network(puppet->cluster)->nodes[SELF].name);
        size_t length = fuzz_byte(input);
        const uint8_t *text = fuzz_bytes(input, &length);
        strcpy(state->settings, CLUSTER_SETTINGS);
        if (length) memcpy(state->settings + strlen(state->settings), text, length);
    }
    if (what & 2) state->stop_round = fuzz_byte(input);
    if (what & 4) {
        state->aborted = true;
        strcpy(state->abort_node, cluster_network(puppet->cluster)->nodes[SELF].name);
        strcpy(state->abort_reason, "fuzz");
    }
    gsp_text_clean(state->settings);
    puppet_say(puppet, &message);
}

static void say_number(struct puppet *puppet, struct fuzz_input *input)
{
    static const enum gsp_message_type types[] = {GSP_MSG_HAVE,  GSP_MSG_DURABLE, GSP_MSG_PING,
                                                  GSP_MSG_HELLO, GSP_MSG_WELCOME, GSP_MSG_CLOSE};
    struct gsp_message message = {.type = types[fuzz_byte(input) % 6]};
    if (message.type <= GSP_MSG_DURABLE) message.u.have.step = 1 + fuzz_byte(input);
    puppet_say(puppet, &message);
}

static void request(struct cluster *cluster, struct fuzz_input *input)
{
    size_t length = fuzz_byte(input);
    const uint8_t *bytes = fuzz_bytes(input, &length);
    struct gsp_request parsed;
    /* Replies to whoever asked go nowhere: the cluster keeps a client only for what it starts itself. */
    if (gsp_request_unpack(&parsed, bytes, length, NULL)) return;
    if (parsed.type == GSP_REQ_START && parsed.settings && strlen(parsed.settings) < 1000)
        cluster_start_now(cluster, OTHER, parsed.settings, NULL);
    else if (parsed.type == GSP_REQ_STOP)
        cluster_stop(cluster, OTHER, cluster_now(cluster) + 1, parsed.now, NULL);
    gsp_request_clear(&parsed);
}

static void relink(struct puppet *puppet, struct cluster *cluster)
{
    puppet_end(puppet);
    cluster_play_for(cluster, 10);
    puppet_link(puppet, cluster, SELF, OTHER);
}

static void play_event(struct puppet *puppet, struct fuzz_input *input, unsigned *clients)
{
    struct cluster *cluster = puppet->cluster;
    static void (*const say[])(struct puppet *, struct fuzz_input *) = {say_framed,  say_run_hello, say_gossip,
                                                                        say_summary, say_run_state, say_number};
    unsigned operation = fuzz_byte(input) % 10;
    if (operation < sizeof say / sizeof *say) {
        if (!puppet_hung_up(puppet)) say[operation](puppet, input);
    } else if (operation == 6) {
        cluster_play_for(cluster, 1 + 8 * (uint64_t)fuzz_byte(input));
    } else if (operation == 7) {
        if (++*clients < 20) request(cluster, input);
    } else if (operation == 8) {
        size_t length = 1 + (size_t)fuzz_byte(input);
        const uint8_t *bytes = fuzz_bytes(input, &length);
        if (!puppet_hung_up(puppet)) cluster_say(cluster, puppet->connection, bytes, length); /* no record at all */
    } else {
        relink(puppet, cluster);
    }
}

/* Whatever was said: they still answer, and each is linked with the other. */
static void check_alive(struct cluster *cluster)
{
    struct cluster_reply reply = {0};
    cluster_play_for(cluster, 61000);
    cluster_stop(cluster, OTHER, cluster_now(cluster) + 1, true, &reply);
    cluster_play_for(cluster, 1000);
    assert(reply.done);
    for (size_t node = 0; node < SELF; node++) {
        const struct gsp_peer *peer = cluster_peer(cluster, node);
        for (size_t i = 0; i < look_link_count(peer); i++)
            assert(look_link(peer, i).node == SELF || look_link(peer, i).up);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct puppet puppet;
    unsigned clients = 0;
    struct cluster *cluster = cluster_small("ring", 3, 1, 4);
    cluster_play_for(cluster, 2000);
    puppet_link(&puppet, cluster, SELF, OTHER);
    for (int i = 0; i < EVENTS_MAX && input.left; i++) play_event(&puppet, &input, &clients);
    puppet_end(&puppet);
    check_alive(cluster);
    cluster_free(cluster);
    return 0;
}
