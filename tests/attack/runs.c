/* Attacks by a listed node in a run: settings and payloads. The run may be spoiled, the daemon may not. */
#include "attack/attacks.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "algo/node.h"

/* Nine parameters of which two are sent: two float64 and, since that is shorter than nine bits, two indices of 4 bits.
 */
enum { COLUMNS = 9, PAYLOAD = 1 + 2 * 8 + 1, INDICES = PAYLOAD - 1, CODING = 2 };
#define SETTINGS                                                                                                       \
    "rounds=100000\ngossip_steps=2\neta=0.01\ngamma=0.1\nobjective=linear\ncompressor=topk:fraction=0.2,values=f64\n"

/* Nine thousand parameters in float64. */
#define LONG_SETTINGS                                                                                                  \
    "rounds=100000\ngossip_steps=2\neta=0.01\ngamma=0.1\nobjective=softmax\nclasses=1000\n"                            \
    "compressor=none:values=f64\n"

struct false_run {
    struct intruder link;
    struct gsp_run_key key;
};

/* The run that the daemon knows of; epoch 0: none. */
static uint64_t last_epoch(struct intruder *link)
{
    struct gsp_message message;
    return intruder_hear(link, GSP_MSG_RUN_STATE, &message, 500) ? message.u.run_state.run.epoch : 0;
}

/* Tells the daemon of a run that nobody has asked for. */
static void tell_run(struct false_run *run, const struct target *target, const char *settings)
{
    struct gsp_message state = {.type = GSP_MSG_RUN_STATE};
    usleep(500000); /* the daemon takes few run states a second from one neighbour: attack run-states is for that */
    intruder_link(&run->link, target);
    run->key = (struct gsp_run_key){.epoch = last_epoch(&run->link) + 1};
    randombytes_buf(run->key.id, sizeof run->key.id);
    state.u.run_state.run = run->key;
    snprintf(state.u.run_state.origin, sizeof state.u.run_state.origin, "%s",
             target->network->nodes[target->self].name);
    snprintf(state.u.run_state.settings, sizeof state.u.run_state.settings, "%s", settings);
    intruder_say(&run->link, &state);
}

/* "I have nothing of you yet." */
static void say_hello(struct false_run *run, const struct target *target)
{
    struct gsp_message hello = {.type = GSP_MSG_RUN_HELLO};
    hello.u.run_hello.run = run->key;
    hello.u.run_hello.expect = hello.u.run_hello.have = hello.u.run_hello.durable = 1;
    hello.u.run_hello.digest = gsp__digest_start(run->key.id, target->network->nodes[target->other].name);
    intruder_say(&run->link, &hello);
}

/* And takes part in it as far as a neighbour must. */
static void begin_run(struct false_run *run, const struct target *target)
{
    struct gsp_message hello;
    tell_run(run, target, SETTINGS);
    must(intruder_hear(&run->link, GSP_MSG_RUN_HELLO, &hello, WRITTEN), "a hello for the run");
    say_hello(run, target);
    must(intruder_hear(&run->link, GSP_MSG_GOSSIP, &hello, WRITTEN), "a gossip message");
    must(hello.u.gossip.step == 1 && hello.u.gossip.length == PAYLOAD && hello.u.gossip.payload[0] == CODING,
         "a first message of %d bytes, not step %llu of %zu", PAYLOAD, (unsigned long long)hello.u.gossip.step,
         hello.u.gossip.length);
}

/* Whether the daemon says so; it may first repeat what it was told. */
static bool hear_abort(struct false_run *run, struct gsp_message *message)
{
    while (intruder_hear(&run->link, GSP_MSG_RUN_STATE, message, WRITTEN))
        if (message->u.run_state.aborted) return true;
    return false;
}

/* The run ends for everybody, by an abort. */
static void end_run(struct false_run *run, const struct target *target)
{
    struct gsp_message state = {.type = GSP_MSG_RUN_STATE};
    struct intruder again;
    intruder_close(&run->link);
    intruder_link(&again, target);
    must(intruder_hear(&again, GSP_MSG_RUN_STATE, &state, WRITTEN), "the run");
    if (!state.u.run_state.aborted) {
        state.u.run_state.aborted = true;
        snprintf(state.u.run_state.abort_node, sizeof state.u.run_state.abort_node, "%s",
                 target->network->nodes[target->self].name);
        snprintf(state.u.run_state.abort_reason, sizeof state.u.run_state.abort_reason, "the attack is over");
        intruder_say(&again, &state);
    }
    intruder_ping(&again);
    intruder_close(&again);
}

static void say_payload(struct false_run *run, uint64_t step, const uint8_t *payload, size_t length)
{
    struct gsp_message gossip = {.type = GSP_MSG_GOSSIP};
    gossip.u.gossip.step = step;
    gossip.u.gossip.payload = payload;
    gossip.u.gossip.length = length;
    intruder_say(&run->link, &gossip);
}

static void put_payload(uint8_t payload[PAYLOAD], double first, double second, unsigned i, unsigned j)
{
    payload[0] = CODING;
    memcpy(payload + 1, &first, 8);
    memcpy(payload + 9, &second, 8);
    payload[INDICES] = (uint8_t)(i | j << 4);
}

/* One payload at step 1 of a run of its own; it ends the link. */
static void refused(const struct target *target, const uint8_t *payload, size_t length)
{
    struct false_run run;
    begin_run(&run, target);
    say_payload(&run, 1, payload, length);
    must(net_end(run.link.fd, PROMPT), "the end of the connection");
    end_run(&run, target);
}

/* What is refused below is refused for its numbers: this one is taken. */
static void check_honest_payload(const struct target *target)
{
    uint8_t payload[PAYLOAD];
    struct false_run run;
    struct gsp_message message;
    put_payload(payload, 0.5, -0.25, 0, COLUMNS - 1);
    begin_run(&run, target);
    say_payload(&run, 1, payload, PAYLOAD);
    intruder_ping(&run.link);
    must(!intruder_hear(&run.link, GSP_MSG_CLOSE, &message, 50), "an honest payload to be taken");
    end_run(&run, target);
}

static void payload_values(const struct target *target)
{
    static const double values[] = {NAN, -NAN, INFINITY, -INFINITY};
    uint8_t payload[PAYLOAD];
    check_honest_payload(target);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        put_payload(payload, 0.5, values[i], 0, 1);
        refused(target, payload, PAYLOAD);
    }
}

static void payload_indices(const struct target *target)
{
    static const unsigned pairs[][2] = {{0, COLUMNS}, {8, 15}, {15, 15}, {3, 3}, {4, 2}};
    uint8_t payload[PAYLOAD];
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        put_payload(payload, 0.5, 0.5, pairs[i][0], pairs[i][1]);
        refused(target, payload, PAYLOAD);
    }
}

static void payload_lengths(const struct target *target)
{
    uint8_t payload[2000] = {0};
    put_payload(payload, 0.5, 0.5, 0, 1);
    refused(target, payload, 0);
    refused(target, payload, 1);
    refused(target, payload, PAYLOAD - 1);
    refused(target, payload, PAYLOAD + 1);
    refused(target, payload, sizeof payload);
    for (int coding = 0; coding < 9; coding++) {
        payload[0] = (uint8_t)coding;
        if (coding != CODING) refused(target, payload, PAYLOAD);
    }
}

/* Numbers that are finite, and make the parameters overflow: the run diverges. */
static void payload_overflow(const struct target *target)
{
    uint8_t payload[PAYLOAD];
    struct false_run run;
    struct gsp_message message;
    put_payload(payload, 1.7e308, -1.7e308, 0, 1);
    begin_run(&run, target);
    for (uint64_t step = 1; step <= 2; step++) say_payload(&run, step, payload, PAYLOAD);
    must(hear_abort(&run, &message) && strstr(message.u.run_state.abort_reason, "diverged"), "a run that diverges");
    end_run(&run, target);
}

/* A third message while two are held, or one out of turn. */
static void payload_steps(const struct target *target)
{
    static const uint64_t steps[] = {3, 100, GSP_COUNT_MAX};
    uint8_t payload[PAYLOAD];
    put_payload(payload, 0.5, 0.5, 0, 1);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct false_run run;
        begin_run(&run, target);
        say_payload(&run, steps[i], payload, PAYLOAD);
        must(net_end(run.link.fd, PROMPT), "the end after a message of step %llu", (unsigned long long)steps[i]);
        end_run(&run, target);
    }
}

/* Runs of more parameters than any memory holds: refused before anything is allocated. */
static void huge_dimension(const struct target *target)
{
    static const char *const settings[] = {
        "objective=softmax\nclasses=1000000000\nrounds=10\ngossip_steps=1\neta=0.1\ngamma=0.1\ncompressor=none\n",
        "objective=softmax\nclasses=9007199254740992\nrounds=10\ngossip_steps=1\neta=0.1\ngamma=0.1\ncompressor=none\n",
        "objective=linear\nrounds=9007199254740992\ngossip_steps=9007199254740992\neta=0.1\ngamma=0.1\n"
        "compressor=none\n",
    };
    long before = target_memory(target, "VmRSS:");
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct false_run run;
        struct gsp_message message;
        tell_run(&run, target, settings[i]);
        must(hear_abort(&run, &message), "the abort of a run that cannot be");
        printf("  %s\n", message.u.run_state.abort_reason);
        end_run(&run, target);
    }
    check_growth(target, "VmRSS:", before, 4 * 1024);
}

/* Files that are none of a run's business. */
static void init_file(const struct target *target)
{
    static const char *const names[] = {"/etc/passwd", "../peers.conf", "n001.key",
                                        "/dev/zero",   "state/lock",    "rows.npy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char settings[600];
        struct false_run run;
        struct gsp_message message;
        snprintf(settings, sizeof settings, "%sinit=file:%s\n", SETTINGS, names[i]);
        tell_run(&run, target, settings);
        must(hear_abort(&run, &message), "the abort of a run from %s", names[i]);
        printf("  %s\n", message.u.run_state.abort_reason);
        end_run(&run, target);
    }
}

/* Run numbers that leave none for the runs to come, and more runs than anyone can start. */
static void run_states(const struct target *target)
{
    struct false_run run;
    tell_run(&run, target, SETTINGS);
    struct gsp_message state = {.type = GSP_MSG_RUN_STATE, .u.run_state.run.epoch = GSP_COUNT_MAX};
    snprintf(state.u.run_state.origin, sizeof state.u.run_state.origin, "n003");
    snprintf(state.u.run_state.settings, sizeof state.u.run_state.settings, "%s", SETTINGS);
    intruder_say(&run.link, &state);
    must(net_end(run.link.fd, PROMPT), "the end of the connection");
    intruder_close(&run.link);
    intruder_link(&run.link, target);
    for (int i = 0; i < 1000; i++) {
        state.u.run_state.run.epoch = ++run.key.epoch;
        intruder_say(&run.link, &state);
    }
    must(net_end(run.link.fd, PROMPT), "the end of the connection");
    sleep(1); /* then one more is heard */
    end_run(&run, target);
}

/* Asks for the same long message again and again, and reads none of it. */
static void ask_in_vain(const struct target *target, void (*ask)(struct false_run *run, const struct target *target))
{
    enum { TIMES = 3000, GROWTH = 4 * 1024 };
    struct false_run run;
    struct gsp_message message;
    tell_run(&run, target, LONG_SETTINGS);
    must(intruder_hear(&run.link, GSP_MSG_RUN_HELLO, &message, WRITTEN), "a hello for the run");
    say_hello(&run, target);
    must(intruder_hear(&run.link, GSP_MSG_GOSSIP, &message, WRITTEN), "a gossip message");
    size_t length = message.u.gossip.length;
    long before = target_memory(target, "VmRSS:");
    for (int i = 0; i < TIMES; i++) {
        ask(&run, target);
        usleep(200); /* so that they are not read at once, and answered together */
    }
    usleep(500000);
    printf("  %d times %zu bytes asked for\n", TIMES, length);
    check_growth(target, "VmRSS:", before, GROWTH);
    end_run(&run, target);
}

static void stalled_reader(const struct target *target)
{
    ask_in_vain(target, say_hello);
}

static void say_lost(struct false_run *run, const struct target *target)
{
    struct gsp_message lost = {.type = GSP_MSG_LOST, .u.gone.run = run->key};
    (void)target;
    intruder_say(&run->link, &lost);
}

static void stalled_loser(const struct target *target)
{
    ask_in_vain(target, say_lost);
}

const struct attack attacks_runs[] = {
    {"payload-values", STAGE_DIAL, payload_values},
    {"payload-indices", STAGE_DIAL, payload_indices},
    {"payload-lengths", STAGE_DIAL, payload_lengths},
    {"payload-overflow", STAGE_DIAL, payload_overflow},
    {"payload-steps", STAGE_DIAL, payload_steps},
    {"huge-dimension", STAGE_DIAL, huge_dimension},
    {"init-file", STAGE_DIAL, init_file},
    {"run-states", STAGE_DIAL, run_states},
    {"stalled-reader", STAGE_DIAL, stalled_reader},
    {"stalled-loser", STAGE_DIAL, stalled_loser},
    {0},
};
