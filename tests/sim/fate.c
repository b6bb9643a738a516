/* Fates: deaths, power cuts, damaged and lost disks, stops, at times that a seed chooses. */
#include "sim/fate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/node.h"
#include "sim/look.h"

enum { LONG = 4 * 60 * 60 * 1000 }; /* virtual ms within which every run must have ended */

struct trial {
    const struct fate *fate;
    struct cluster *cluster;
    struct gsp_stream random;
    struct fate_sum *sum;
    struct cluster_reply start, stops[4];
    size_t stop_count;
    char *wrong;
    size_t size;
};

/* ---- dangers ---- */

static bool is_up(const struct trial *trial, size_t node)
{
    return cluster_peer(trial->cluster, node) != NULL;
}

static void revive_all(struct trial *trial)
{
    for (size_t i = 0; i < cluster_size(trial->cluster); i++)
        if (!is_up(trial, i)) cluster_revive(trial->cluster, i);
}

/* At most one of the two slots, which is what the design is made for. */
static void damage(struct trial *trial, size_t node)
{
    enum gsp_keep file = GSP_KEEP_CHECKPOINT_A + (enum gsp_keep)gsp_stream_below(&trial->random, 2);
    if (gsp_stream_below(&trial->random, 4) == 0) file = GSP_KEEP_RESULT;
    cluster_damage(trial->cluster, node, file);
    trial->sum->damages++;
}

static void die(struct trial *trial, bool damaged, bool wiped)
{
    size_t node = gsp_stream_below(&trial->random, cluster_size(trial->cluster));
    if (!is_up(trial, node)) return;
    cluster_kill(trial->cluster, node);
    trial->sum->deaths++;
    cluster_play_for(trial->cluster, gsp_stream_below(&trial->random, 2) * gsp_stream_below(&trial->random, 3000));
    if (damaged) damage(trial, node);
    if (wiped) cluster_wipe(trial->cluster, node);
    trial->sum->wipes += wiped;
    cluster_revive(trial->cluster, node);
}

static void cut_power(struct trial *trial)
{
    for (size_t i = 0; i < cluster_size(trial->cluster); i++)
        if (is_up(trial, i)) cluster_kill(trial->cluster, i);
    trial->sum->power_cuts++;
    cluster_play_for(trial->cluster, gsp_stream_below(&trial->random, 1000));
    revive_all(trial);
}

static void fill_disk(struct trial *trial)
{
    size_t node = gsp_stream_below(&trial->random, cluster_size(trial->cluster));
    cluster_fill(trial->cluster, node, true);
    cluster_play_for(trial->cluster, gsp_stream_below(&trial->random, 10000));
    cluster_fill(trial->cluster, node, false);
    trial->sum->full_disks++;
}

/* Away for up to two minutes, alone or with others. */
static void stay_away(struct trial *trial)
{
    size_t n = cluster_size(trial->cluster), first = gsp_stream_below(&trial->random, n),
           count = 1 + gsp_stream_below(&trial->random, 2);
    for (size_t i = 0; i < count; i++)
        if (is_up(trial, (first + i) % n)) cluster_kill(trial->cluster, (first + i) % n);
    trial->sum->absences++;
    cluster_play_for(trial->cluster, 20000 + gsp_stream_below(&trial->random, 100000));
    for (size_t i = 0; i < count; i++)
        if (!is_up(trial, (first + i) % n)) cluster_revive(trial->cluster, (first + i) % n);
}

static void ask_stop(struct trial *trial)
{
    size_t node = gsp_stream_below(&trial->random, cluster_size(trial->cluster));
    if (trial->stop_count == sizeof trial->stops / sizeof *trial->stops) return;
    cluster_stop(trial->cluster, node, cluster_now(trial->cluster) + 1, false, &trial->stops[trial->stop_count++]);
    trial->sum->stops++;
}

/* Alone or with its node, which may hear of it only in its next life; sometimes again before it was there. */
static void problem_dies(struct trial *trial)
{
    size_t node = gsp_stream_below(&trial->random, cluster_size(trial->cluster));
    bool both = is_up(trial, node) && gsp_stream_below(&trial->random, 3) == 0;
    if (both) cluster_kill(trial->cluster, node);
    for (uint64_t again = gsp_stream_below(&trial->random, 3); again < 3; again++) {
        cluster_kill_problem(trial->cluster, node, gsp_stream_below(&trial->random, 1000));
        cluster_play_for(trial->cluster, gsp_stream_below(&trial->random, 20));
    }
    if (both) cluster_revive(trial->cluster, node);
    trial->sum->problem_deaths++;
}

/* Takes one of those that are left at this place of all, if the place falls among them. */
static bool take(size_t *left, uint64_t *place)
{
    bool here = *place < *left;
    if (here)
        --*left;
    else
        *place -= *left;
    return here;
}

/* One of those that are left, after a while. */
static bool strike(struct trial *trial, struct fate *left)
{
    size_t dangers = left->deaths + left->power_cuts + left->damages + left->full_disks + left->wipes + left->stops +
                     left->absences + left->problem_deaths;
    if (!dangers) return false;
    cluster_play_for(trial->cluster, gsp_stream_below(&trial->random, 2) ? gsp_stream_below(&trial->random, 300)
                                                                         : gsp_stream_below(&trial->random, 4000));
    uint64_t place = gsp_stream_below(&trial->random, dangers);
    if (take(&left->deaths, &place))
        die(trial, false, false);
    else if (take(&left->power_cuts, &place))
        cut_power(trial);
    else if (take(&left->damages, &place))
        die(trial, true, false);
    else if (take(&left->full_disks, &place))
        fill_disk(trial);
    else if (take(&left->wipes, &place))
        die(trial, false, true);
    else if (take(&left->stops, &place))
        ask_stop(trial);
    else if (take(&left->absences, &place))
        stay_away(trial);
    else if (take(&left->problem_deaths, &place))
        problem_dies(trial);
    return true;
}

/* ---- what must hold ---- */

static bool __attribute__((format(printf, 2, 3))) fail(const struct trial *trial, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(trial->wrong, trial->size, format, arguments); /* NOLINT: the analyzer loses sight of va_start */
    va_end(arguments);
    return false;
}

static struct look_run run_of(const struct trial *trial, size_t node)
{
    return look_run(cluster_peer(trial->cluster, node));
}

/* L + 2 messages. Who got its state back from a neighbour after a lost disk jumps to where that one is, so that its
 * other neighbours may need what is older than that. */
static bool check_logs(const struct trial *trial)
{
    uint64_t times = trial->fate->wipes ? 2 : 1;
    for (size_t i = 0; i < cluster_size(trial->cluster); i++) {
        struct look_run run = look_run(cluster_peer(trial->cluster, i));
        if (!run.node) continue;
        uint64_t kept = gsp_node_log_end(run.node) - gsp_node_log_base(run.node);
        if (kept > times * run.reach + 2)
            return fail(trial, "node %zu keeps %llu messages, L is %llu", i, (unsigned long long)kept,
                        (unsigned long long)run.reach);
    }
    return true;
}

/* Both ends count it, and have what they need for it. Who came back after the other's last step is not taken in. */
static bool is_whole_edge(const struct trial *trial, size_t i, size_t slot)
{
    const struct gsp__neighbour *there = &run_of(trial, i).node->neighbours[slot];
    const struct gsp_node *other = run_of(trial, there->node).node;
    const struct gsp__neighbour *back = other->neighbours;
    while (back->node != i) back++;
    return !there->down && !back->down && there->since == back->since && !there->awaited && !there->resync;
}

static bool check_copies(const struct trial *trial)
{
    for (size_t i = 0; i < cluster_size(trial->cluster); i++) {
        struct look_run run = run_of(trial, i);
        for (size_t slot = 0; slot < run.node->degree; slot++) {
            const struct gsp__neighbour *neighbour = &run.node->neighbours[slot];
            const double *z = gsp_node_z(run_of(trial, neighbour->node).node);
            if (trial->fate->absences && !is_whole_edge(trial, i, slot)) continue;
            if (memcmp(neighbour->copy, z, run.d * sizeof *z) != 0)
                return fail(trial, "node %zu (step %llu) has another z of node %zu (step %llu) than that has", i,
                            (unsigned long long)run.node->step, neighbour->node,
                            (unsigned long long)run_of(trial, neighbour->node).node->step);
        }
    }
    return true;
}

static bool check_ends(const struct trial *trial)
{
    struct look_run first = run_of(trial, 0);
    for (size_t i = 0; i < cluster_size(trial->cluster); i++) {
        struct look_run run = run_of(trial, i);
        const struct gsp_peer *peer = cluster_peer(trial->cluster, i);
        if (look_state(peer)->aborted)
            return fail(trial, "aborted by %s: %s", look_state(peer)->abort_node, look_state(peer)->abort_reason);
        bool jumped = strstr(run.note, "was away too long") || strstr(run.note, "heard of the stop");
        bool same = run.node && run.last_round == first.last_round && gsp_node_round(run.node) == run.last_round;
        if (!same && !(trial->fate->absences && jumped)) return fail(trial, "node %zu ended at another round", i);
    }
    return true;
}

/* Whatever edges count, a row of W sums to 1. */
static bool check_weights(const struct trial *trial)
{
    for (size_t i = 0; i < cluster_size(trial->cluster); i++) {
        const struct gsp_node *node = run_of(trial, i).node;
        double sum = node->self_weight;
        for (size_t slot = 0; slot < node->degree; slot++)
            if (node->neighbours[slot].counted) sum += node->neighbours[slot].weight;
        if (fabs(sum - 1) > 1e-12) return fail(trial, "the weights of node %zu sum to %.17g", i, sum);
    }
    return true;
}

static bool same_number(double a, double b)
{
    return a == b || (a != a && b != b); /* not known in both */
}

/* What was sent and received by then does not shrink, whatever was begun again. */
static bool bytes_grow(const struct gsp_history *history)
{
    for (size_t k = 1; k < history->count; k++) {
        const struct gsp_history_row *a = &history->rows[k - 1], *b = &history->rows[k];
        if (b->bytes_sent < a->bytes_sent || b->bytes_received < a->bytes_received) return false;
    }
    return true;
}

/* A history has every round once, with the numbers of the undisturbed run. */
static bool check_history(const struct trial *trial, const struct cluster *other, size_t node)
{
    struct gsp_history *got, *want;
    size_t found = cluster_history(trial->cluster, node, &got), expected = cluster_history(other, node, &want);
    bool fine = found == expected && got->count == want->count && bytes_grow(got);
    for (size_t k = 0; fine && k < want->count; k++) {
        const struct gsp_history_row *a = &got->rows[k], *b = &want->rows[k];
        fine = a->round == k && a->loss == b->loss && a->payload_bytes == b->payload_bytes &&
               same_number(a->consensus_error, b->consensus_error);
    }
    gsp_histories_free(got, found);
    gsp_histories_free(want, expected);
    return fine || fail(trial, "the history of node %zu is not that of the undisturbed run", node);
}

/* The undisturbed run, up to the same round. */
static bool check_result(const struct trial *trial)
{
    struct cluster_options quiet = trial->fate->options;
    struct cluster_reply reply = {0};
    quiet.cuts = quiet.partitions = 0;
    quiet.watch = NULL;
    if (quiet.problem == CLUSTER_LATER) quiet.problem = CLUSTER_AT_ONCE; /* the same gradients, however they come */
    struct cluster *other = cluster_new(&quiet);
    char settings[sizeof trial->fate->settings + 20];
    /* It would reach a target of its own, at another round. */
    bool target = strstr(trial->fate->settings, "target_loss=") != NULL;
    snprintf(settings, sizeof settings, "%s%s", trial->fate->settings, target ? "target_loss=0\n" : "");
    cluster_start_now(other, 0, settings, &reply);
    uint64_t last = run_of(trial, 0).last_round;
    while (!reply.done) cluster_play_for(other, 1);
    /* All stop where the disturbed run stopped, whatever their own timing. */
    for (size_t i = 0; i < cluster_size(other); i++) look_forget_stop(cluster_peer(other, i));
    bool fine = true;
    if (last < trial->fate->rounds) look_stop_at(cluster_peer(other, 0), last);
    fine = cluster_play(other, cluster_ended, cluster_now(other) + LONG);
    for (size_t i = 0; fine && i < cluster_size(other); i++) {
        struct look_run run = run_of(trial, i);
        const double *x = gsp_node_x(look_node(cluster_peer(other, i)));
        if (memcmp(x, gsp_node_x(run.node), run.d * sizeof *x) != 0) {
            fine = fail(trial, "node %zu has another x than without the disturbance", i);
            break;
        }
        fine = check_history(trial, other, i);
    }
    cluster_free(other);
    return fine;
}

/* With two disks lost at once the newest copy may have been on the other one. */
static bool all_copies_lost(const struct trial *trial)
{
    const struct gsp_run_state *state = look_state(cluster_peer(trial->cluster, 0));
    return trial->fate->wipes > 1 && state->aborted && strstr(state->abort_reason, "neighbours have nothing of it");
}

/* Or the only disk that knew of the run. */
static bool run_lost(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster_size(cluster); i++)
        if (!cluster_peer(cluster, i) || look_state(cluster_peer(cluster, i))->run.epoch) return false;
    return true;
}

static bool judge(struct trial *trial)
{
    cluster_play_for(trial->cluster, 30000);
    if (all_copies_lost(trial) || (trial->fate->wipes && run_lost(trial->cluster))) {
        trial->sum->aborted++;
        return true;
    }
    if (!check_ends(trial) || !check_copies(trial)) return false;
    for (size_t i = 0; i < cluster_size(trial->cluster); i++)
        if (run_of(trial, i).note[0]) trial->sum->resyncs++;
    return trial->fate->wipes || trial->fate->absences ? check_weights(trial) : check_result(trial);
}

/* Says where everybody is. */
static bool never_ended(const struct trial *trial)
{
    char where[400] = "";
    size_t used = 0;
    for (size_t i = 0; i < cluster_size(trial->cluster) && used + 80 < sizeof where; i++) {
        const struct gsp_peer *peer = cluster_peer(trial->cluster, i);
        struct gsp_summary summary;
        look_summary(cluster_peer(trial->cluster, i), &summary);
        unsigned long long step = look_node(peer) ? gsp_node_step(look_node(peer)) : 0;
        used += (size_t)snprintf(where + used, sizeof where - used, " [%zu: step %llu, %s, %.40s]", i, step,
                                 gsp_phase_name(summary.phase), summary.reason);
    }
    return fail(trial, "the run never ended:%s", where);
}

/* Until the run has ended; false, with what is wrong, if it does not. */
static bool play_on(const struct trial *trial)
{
    enum { LOOK_EVERY = 200 };
    uint64_t end = cluster_now(trial->cluster) + LONG;
    bool fine = true;
    while (fine && cluster_now(trial->cluster) < end) {
        if (cluster_ended(trial->cluster) || (trial->fate->wipes && run_lost(trial->cluster))) return true;
        cluster_play_for(trial->cluster, LOOK_EVERY);
        fine = check_logs(trial);
    }
    return fine && never_ended(trial);
}

bool fate_play(const struct fate *fate, struct fate_sum *sum, char *wrong, size_t size)
{
    struct trial trial = {.fate = fate, .sum = sum, .wrong = wrong, .size = size};
    struct fate left = *fate;
    uint8_t key[32];
    gsp_stream_key(key, fate->seed, "fate", "play");
    gsp_stream_init(&trial.random, key, 0);
    trial.cluster = cluster_new(&fate->options);
    cluster_start_now(trial.cluster, 0, fate->settings, &trial.start);
    while (!trial.start.done && cluster_now(trial.cluster) < 120000) cluster_play_for(trial.cluster, 100);
    bool fine = trial.start.done && trial.start.exit_code == 0;
    if (!fine) fail(&trial, "no start: %s", trial.start.message);
    while (fine && strike(&trial, &left)) fine = check_logs(&trial);
    if (fine) {
        revive_all(&trial);
        fine = play_on(&trial);
    }
    fine = fine && judge(&trial);
    sum->runs++;
    sum->virtual_ms += cluster_now(trial.cluster);
    sum->cuts += cluster_cuts_made(trial.cluster);
    cluster_free(trial.cluster);
    return fine;
}
