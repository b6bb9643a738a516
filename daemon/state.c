#include "state.h"

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char *joined(const char *folder, const char *name)
{
    size_t room = strlen(folder) + strlen(name) + 2;
    char *path = gsp_alloc(room, 1);
    if (path) snprintf(path, room, "%s/%s", folder, name);
    return path;
}

/* The folder that holds `path`. */
static char *parent_of(const char *path)
{
    char *parent = gsp_strdup(path);
    if (!parent) return NULL;
    size_t length = strlen(parent);
    while (length > 1 && parent[length - 1] == '/') parent[--length] = '\0';
    char *slash = strrchr(parent, '/');
    if (!slash) {
        free(parent);
        return gsp_strdup(".");
    }
    slash[slash == parent] = '\0';
    return parent;
}

static int unusable(struct gsp_error *error, const char *path, const char *what)
{
    return gsp_error_set(error, GSP_ERR_CONFIG,
                         "State = %s: %s; make a folder that gossipd (user %lu) may write to, or choose another State",
                         path, what, (unsigned long)geteuid());
}

int state_folder_check(const char *path, struct gsp_error *error)
{
    struct stat about;
    if (!stat(path, &about)) {
        if (!S_ISDIR(about.st_mode)) return unusable(error, path, "is not a folder");
        if (access(path, R_OK | W_OK | X_OK)) return unusable(error, path, strerror(errno));
        return 0;
    }
    if (errno != ENOENT) return unusable(error, path, strerror(errno));
    char *parent = parent_of(path);
    if (!parent) return gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", path);
    int rc = 0;
    if (access(parent, W_OK | X_OK)) {
        char what[600];
        snprintf(what, sizeof what, "can't be made in %s: %s", parent, strerror(errno));
        rc = unusable(error, path, what);
    }
    free(parent);
    return rc;
}

static int take_lock(struct state_folder *folder, struct gsp_error *error)
{
    char *path = joined(folder->path, "lock");
    if (!path) return gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", folder->path);
    int rc = 0;
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (folder->lock < 0) {
        rc = unusable(error, folder->path, strerror(errno));
    } else if (flock(folder->lock, LOCK_EX | LOCK_NB)) {
        char holder[32] = "";
        ssize_t length = read(folder->lock, holder, sizeof holder - 1);
        holder[length > 0 ? strcspn(holder, "\n") : 0] = '\0';
        rc = gsp_error_set(error, GSP_ERR_STATE,
                           "State = %s: another gossipd (process %s) works in this folder: stop it, or give this "
                           "daemon a State of its own",
                           folder->path, *holder ? holder : "unknown");
    } else {
        char holder[32];
        int length = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
        if (ftruncate(folder->lock, 0) || write(folder->lock, holder, (size_t)length) != length)
            rc = unusable(error, folder->path, strerror(errno));
    }
    free(path);
    return rc;
}

/* A folder that a power failure takes away takes everything in it. */
static int sync_parent(const char *path, struct gsp_error *error)
{
    char *parent = parent_of(path);
    if (!parent) return gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", path);
    /* One that may be written to and not be read can't be brought to the disk. */
    int rc = folder_sync(parent) || errno == EACCES ? 0 : unusable(error, path, strerror(errno));
    free(parent);
    return rc;
}

int state_folder_open(struct state_folder *out, const char *path, struct gsp_error *error)
{
    struct state_folder folder = {.lock = -1};
    int rc = state_folder_check(path, error);
    if (rc) return rc;
    bool made = !mkdir(path, 0700);
    if (!made && errno != EEXIST) return unusable(error, path, strerror(errno));
    if (made && (rc = sync_parent(path, error)) != 0) return rc;
    folder.path = gsp_strdup(path);
    folder.socket = joined(path, "control.sock");
    if (!folder.path || !folder.socket) {
        rc = gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", path);
        goto fail;
    }
    rc = take_lock(&folder, error);
    if (rc) goto fail;
    *out = folder;
    return 0;
fail:
    state_folder_close(&folder);
    return rc;
}

void state_folder_close(struct state_folder *folder)
{
    if (folder->lock >= 0) close(folder->lock); /* and with it the lock; the file stays */
    free(folder->path);
    free(folder->socket);
    *folder = (struct state_folder){.lock = -1};
}
