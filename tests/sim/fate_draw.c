/* Drawing a fate from its seed. */
#include "sim/fate.h"

#include <stdio.h>
#include <string.h>

static void draw_network(struct fate *fate, struct gsp_stream *random)
{
    static const char *const topologies[] = {"ring", "complete", "star", "ring"};
    static const char *const objectives[] = {"linear", "relu"};
    fate->options = (struct cluster_options){
        .seed = fate->seed,
        .nodes = 3 + gsp_stream_below(random, 5),
        .topology = topologies[gsp_stream_below(random, 4)],
        .delay_max = 1 + gsp_stream_below(random, 60),
        .job_max = gsp_stream_below(random, 30),
        .disk_max = gsp_stream_below(random, 2) ? gsp_stream_below(random, 20) : gsp_stream_below(random, 800),
        .cuts = gsp_stream_below(random, 2) * gsp_stream_below(random, 20),
        .partitions = gsp_stream_below(random, 3),
        .cut_until = 1000 + gsp_stream_below(random, 20000),
        .features = 2 + gsp_stream_below(random, 6),
        .rows = 6,
        .objective = objectives[gsp_stream_below(random, 2)],
    };
}

static void draw_settings(struct fate *fate, struct gsp_stream *random)
{
    static const char *const compressors[] = {"none:values=f64", "topk:fraction=0.5", "qsgd:bits=3",
                                              "randk:fraction=0.5", "sign"};
    bool relu = strcmp(fate->options.objective, "relu") == 0; /* from zeros it goes nowhere */
    const char *const starts[] = {relu ? "auto" : "zeros", "normal", "normal-same"};
    fate->gossip_steps = 1 + gsp_stream_below(random, 4);
    fate->rounds = 3 + gsp_stream_below(random, 40);
    uint64_t log_limit = gsp_stream_below(random, 3) ? 67108864 : 100 + gsp_stream_below(random, 2000);
    snprintf(fate->settings, sizeof fate->settings,
             "rounds=%llu\ngossip_steps=%llu\neta=0.01\ngamma=0.05\ncompressor=%s\nobjective=%s\ninit=%s\nbatch=%llu\n"
             "checkpoint_every=%llu\nlog_limit=%llu\n",
             (unsigned long long)fate->rounds, (unsigned long long)fate->gossip_steps,
             compressors[gsp_stream_below(random, 5)], fate->options.objective, starts[gsp_stream_below(random, 3)],
             (unsigned long long)(gsp_stream_below(random, 2) * 3), (unsigned long long)gsp_stream_below(random, 6),
             (unsigned long long)log_limit);
}

/* Of a stream of their own, so that whoever overrides them plays the fates as they were before there were any. */
static void draw_steps(struct fate *fate, enum fate_kind kind)
{
    struct gsp_stream random;
    uint8_t key[32];
    gsp_stream_key(key, fate->seed, "fate", "steps");
    gsp_stream_init(&random, key, (uint64_t)kind);
    size_t used = strlen(fate->settings);
    snprintf(fate->settings + used, sizeof fate->settings - used, "momentum=%s\neta_schedule=%s\n",
             gsp_stream_below(&random, 2) ? "0" : "0.9", gsp_stream_below(&random, 3) ? "constant" : "cosine");
}

/* Long enough that who is away is lost, and comes back in the middle. */
static void draw_losses(struct fate *fate, struct gsp_stream *random)
{
    fate->deaths = gsp_stream_below(random, 3);
    fate->power_cuts = fate->damages = fate->full_disks = 0;
    fate->absences = 1 + gsp_stream_below(random, 3);
    fate->options.job_max = 20 + gsp_stream_below(random, 400);
    fate->rounds = 20 + gsp_stream_below(random, 100);
    size_t used = strlen(fate->settings);
    snprintf(fate->settings + used, sizeof fate->settings - used, "rounds=%llu\non_peer_loss=reweight\nloss_time=30\n",
             (unsigned long long)fate->rounds);
}

void fate_draw(struct fate *fate, enum fate_kind kind, uint64_t seed)
{
    struct gsp_stream random;
    uint8_t key[32];
    *fate = (struct fate){.seed = seed};
    gsp_stream_key(key, seed, "fate", "draw");
    gsp_stream_init(&random, key, (uint64_t)kind);
    draw_network(fate, &random);
    draw_settings(fate, &random);
    draw_steps(fate, kind);
    fate->deaths = gsp_stream_below(&random, 8);
    fate->power_cuts = gsp_stream_below(&random, 3);
    fate->damages = gsp_stream_below(&random, 3);
    fate->full_disks = gsp_stream_below(&random, 2);
    if (kind == FATE_STOPS) fate->stops = 1 + gsp_stream_below(&random, 3);
    if (kind == FATE_LOSSES || kind == FATE_BOTH) draw_losses(fate, &random);
    if (kind != FATE_WIPES && kind != FATE_BOTH) return;
    fate->wipes = 1 + gsp_stream_below(&random, 2);
    fate->power_cuts = fate->damages = fate->full_disks = 0;
}
