/* Network files that change: what stands in them, five nodes that reload them, and what a run on one comes to. */
#ifndef TESTS_SIM_FILES_H
#define TESTS_SIM_FILES_H

#include "sim/cluster.h"
#include "sim/look.h"

enum { FILES_NODES = 5, FILES_FEATURES = 4, FILES_HEALED = 4000 }; /* HEALED: ms in which all links are up again */

struct file {
    const char *topology, *members; /* "0124": nodes 0, 1, 2 and 4 */
    const char *moved, *silent;     /* those whose Endpoint is another, or none; NULL: nobody */
    const char *name;               /* of the network; NULL: the one that they begin with */
    char text[2048];
};

/* All that is random in a test, from its seed. */
void files_random(struct gsp_stream *random, uint64_t seed);
/* What stands in it, written into file->text. */
const char *files_text(struct file *file, const struct cluster *cluster);

/* Five nodes, whose connections are cut so many times. */
struct cluster *files_cluster(uint64_t seed, const char *topology, size_t cuts);
/* On all hosts; nobody reloads it yet. */
void files_write_all(struct cluster *cluster, struct file *file);
/* Every node that the file lists reloads it within so many milliseconds. */
void files_reload_all(struct cluster *cluster, struct file *file, struct gsp_stream *random, uint64_t within,
                      struct cluster_reply replies[FILES_NODES]);
/* A link of this node that is not up, if there is one. */
struct look_link files_down_link(const struct cluster *cluster, size_t i);
/* All members are in the file's network, and all their links are up. */
void files_check_healed(const struct cluster *cluster, const struct file *file);

/* The members have ended the run that node 0 is in. */
bool files_ended_among(const struct cluster *cluster, const char *members);
/* The next run, by all members of the file: to its end, done, with what it comes to. */
void files_play_run(struct cluster *cluster, const struct file *file, size_t origin, const double *out[FILES_NODES]);
/* Finds what a run comes to on the file's network when nothing disturbs it ... */
void files_undisturbed(uint64_t seed, struct file *file);
/* ... and that this is the same. */
void files_check_results(const struct file *file, const double *x[FILES_NODES]);

#endif
