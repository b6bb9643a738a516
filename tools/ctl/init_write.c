/* Writing a network's folder. Everything is first written to a hidden folder inside it and then moved to its place, so
 * that a failure leaves nothing behind. */
#include <config.h> /* nftw */

#include "init.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = PATH_MAX };

/* ---- signals: they end the work between two nodes, with all taken back ---- */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof signals / sizeof *signals };

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static void catch_signals(struct sigaction before[SIGNALS])
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) sigaction(signals[i], &action, NULL);
    }
}

static void release_signals(const struct sigaction before[SIGNALS])
{
    for (size_t i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
}

/* ---- paths ---- */

static int io_error(struct gsp_error *error, const char *path)
{
    return gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
}

/* out = "folder/name". */
static int join(char out[PATH_ROOM], const char *folder, const char *name, struct gsp_error *error)
{
    if ((size_t)snprintf(out, PATH_ROOM, "%s/%s", folder, name) < PATH_ROOM) return 0;
    return gsp_error_set(error, GSP_ERR_IO, "%s/%s: the path is too long", folder, name);
}

static int refuse_existing(const struct init_plan *plan, const char *name, struct gsp_error *error)
{
    char path[PATH_ROOM];
    struct stat status;
    int rc = join(path, plan->dir, name, error);
    if (rc) return rc;
    if (!lstat(path, &status))
        return gsp_error_set(error, GSP_ERR_IO,
                             "%s is there already, and init overwrites nothing: give another --dir, or remove the old "
                             "network first",
                             path);
    return errno == ENOENT ? 0 : io_error(error, path);
}

/* Makes `path` and the folders above it. *made is the length of the first part of the path that was not there (0: all
 * was there), for unmake_folders. */
static int make_folders(const char *path, size_t *made, struct gsp_error *error)
{
    char part[PATH_ROOM];
    size_t length = strlen(path);
    *made = 0;
    if (length >= sizeof part) return gsp_error_set(error, GSP_ERR_IO, "%s: the path is too long", path);
    for (size_t end = 1; end <= length; end++) {
        if (end < length && path[end] != '/') continue;
        memcpy(part, path, end);
        part[end] = 0;
        if (!mkdir(part, 0777)) {
            if (*made == 0) *made = end;
        } else if (errno != EEXIST) {
            return io_error(error, part);
        }
    }
    return 0;
}

static void unmake_folders(const char *path, size_t made)
{
    char part[PATH_ROOM];
    for (size_t end = strlen(path); made && end >= made; end--) {
        if (path[end] && path[end] != '/') continue;
        memcpy(part, path, end);
        part[end] = 0;
        if (rmdir(part) && errno != ENOENT) return;
    }
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    enum { OPEN_FOLDERS = 8 };
    nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static int write_buffer(const char *folder, const char *name, const struct gsp_buffer *bytes, struct gsp_error *error)
{
    char path[PATH_ROOM];
    int rc = join(path, folder, name, error);
    return rc ? rc : common_create(path, 0644, bytes->data, bytes->length, error);
}

static int write_rows(const struct init_plan *plan, const struct gsp_dataset *rows, const char *folder,
                      const char *name, struct gsp_error *error)
{
    struct gsp_buffer bytes = {0};
    int rc = gsp_dataset_write_npz(rows, plan->data.bias, &bytes, error);
    if (!rc) rc = write_buffer(folder, name, &bytes, error);
    gsp_buffer_clear(&bytes);
    return rc;
}

static int write_shard(const struct init_plan *plan, const struct init_node *node, const char *folder,
                       struct gsp_error *error)
{
    struct gsp_dataset *shard = NULL;
    if (gsp_dataset_slice(&shard, plan->data.train, node->first_row, node->last_row))
        return gsp_error_set(error, GSP_ERR_NOMEM, "out of memory for the rows of %s", node->name);
    int rc = write_rows(plan, shard, folder, "shard.npz", error);
    gsp_dataset_free(shard);
    return rc;
}

/* Every folder has the test rows, so that it can be copied to its host as it is; on this disk they are there once. */
static int write_test(const struct init_plan *plan, const char *staging, const char *folder, struct gsp_error *error)
{
    char first_folder[PATH_ROOM], first[PATH_ROOM], own[PATH_ROOM];
    int rc = join(first_folder, staging, plan->nodes[0].name, error);
    if (!rc) rc = join(first, first_folder, "test.npz", error);
    if (!rc) rc = join(own, folder, "test.npz", error);
    if (rc) return rc;
    if (link(first, own) == 0) return 0;
    return write_rows(plan, plan->data.test, folder, "test.npz", error);
}

static int write_node(const struct init_plan *plan, struct init_node *node, const char *staging,
                      struct gsp_error *error)
{
    char folder[PATH_ROOM], key[PATH_ROOM], key_name[GSP_NAME_MAX + 8];
    struct gsp_buffer text = {0};
    snprintf(key_name, sizeof key_name, "%s.key", node->name);
    int rc = join(folder, staging, node->name, error);
    if (!rc) rc = join(key, folder, key_name, error);
    if (!rc && mkdir(folder, 0777)) rc = io_error(error, folder);
    if (!rc) rc = ctl_write_key(key, node->public_key, error);
    if (!rc && init_node_text(plan, node, &text)) rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    if (!rc) rc = write_buffer(folder, "gossipd.conf", &text, error);
    gsp_buffer_clear(&text);
    if (!rc && plan->has_data) rc = write_shard(plan, node, folder, error);
    if (!rc && plan->has_data && plan->data.test) rc = write_test(plan, staging, folder, error);
    return rc;
}

/* The library must be able to read what is written, and find no fault in it. */
static int check_peers(const struct init_plan *plan, const struct gsp_buffer *text, struct gsp_error *error)
{
    struct gsp_problems problems = {0};
    struct gsp_network *network = NULL;
    int rc = gsp_network_parse(&network, "peers.conf", (const char *)text->data, text->length, &problems);
    if (rc)
        rc = gsp_error_set(error, GSP_ERR_USAGE, "that would make a wrong network: %s",
                           problems.count && problems.messages[0] ? problems.messages[0] : "out of memory");
    else if (strcmp(network->name, plan->name) != 0)
        rc = gsp_error_set(error, GSP_ERR_USAGE, "--name '%s' cannot be written to peers.conf: use letters and digits",
                           plan->name);
    gsp_problems_clear(&problems);
    gsp_network_free(network);
    return rc;
}

static int write_staging(struct init_plan *plan, const char *staging, struct gsp_error *error)
{
    struct gsp_buffer text = {0};
    int rc = 0;
    for (size_t i = 0; i < plan->count && !rc && !interrupted; i++)
        rc = write_node(plan, &plan->nodes[i], staging, error);
    if (rc) return rc;
    if (interrupted) return gsp_error_set(error, GSP_ERR_STATE, "interrupted: nothing was made in %s", plan->dir);
    if (init_peers_text(plan, &text)) rc = gsp_error_set(error, GSP_ERR_NOMEM, "out of memory");
    if (!rc) rc = check_peers(plan, &text, error);
    if (!rc) rc = write_buffer(staging, "peers.conf", &text, error);
    gsp_buffer_clear(&text);
    return rc;
}

static int move(const char *from, const char *to, const char *name, struct gsp_error *error)
{
    char source[PATH_ROOM], target[PATH_ROOM];
    int rc = join(source, from, name, error);
    if (!rc) rc = join(target, to, name, error);
    if (!rc && rename(source, target)) rc = io_error(error, target);
    return rc;
}

/* The nodes' folders, then peers.conf; when one cannot be moved, those that were are taken back. */
static int move_into_place(const struct init_plan *plan, const char *staging, struct gsp_error *error)
{
    size_t moved = 0;
    int rc = 0;
    while (moved < plan->count && (rc = move(staging, plan->dir, plan->nodes[moved].name, error)) == 0) moved++;
    if (!rc) rc = move(staging, plan->dir, "peers.conf", error);
    while (rc && moved > 0) (void)move(plan->dir, staging, plan->nodes[--moved].name, NULL);
    return rc;
}

static int write_network(struct init_plan *plan, struct gsp_error *error)
{
    char staging[PATH_ROOM];
    size_t made = 0;
    int rc = refuse_existing(plan, "peers.conf", error);
    for (size_t i = 0; i < plan->count && !rc; i++) rc = refuse_existing(plan, plan->nodes[i].name, error);
    if (!rc) rc = join(staging, plan->dir, ".init-XXXXXX", error);
    if (rc) return rc;
    rc = make_folders(plan->dir, &made, error);
    if (!rc && !mkdtemp(staging)) rc = io_error(error, plan->dir);
    if (!rc) {
        rc = write_staging(plan, staging, error);
        if (!rc) rc = move_into_place(plan, staging, error);
        remove_tree(staging);
    }
    if (rc) unmake_folders(plan->dir, made);
    return rc;
}

int init_write(struct init_plan *plan, struct gsp_error *error)
{
    struct sigaction before[SIGNALS];
    catch_signals(before);
    int rc = write_network(plan, error);
    release_signals(before);
    return rc;
}
