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
    if (path != NULL) snprintf(path, room, "%s/%s", folder, name);
    return path;
}

/* The folder that holds `path`. */
static char *parent_of(const char *path)
{
    char *parent = gsp_strdup(path);
    if (parent == NULL) return NULL;
    size_t length = strlen(parent);
    while (length > 1 && parent[length - 1] == '/') parent[--length] = '\0';
    char *slash = strrchr(parent, '/');
    if (slash == NULL) {
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
    if (stat(path, &about) == 0) {
        if (!S_ISDIR(about.st_mode)) return unusable(error, path, "is not a folder");
        if (access(path, R_OK | W_OK | X_OK) != 0) return unusable(error, path, strerror(errno));
        return 0;
    }
    if (errno != ENOENT) return unusable(error, path, strerror(errno));
    char *parent = parent_of(path);
    if (parent == NULL) return gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", path);
    int code = 0;
    if (access(parent, W_OK | X_OK) != 0) {
        char what[600];
        snprintf(what, sizeof(what), "can't be made in %s: %s", parent, strerror(errno));
        code = unusable(error, path, what);
    }
    free(parent);
    return code;
}

static int take_lock(struct state_folder *folder, struct gsp_error *error)
{
    char *path = joined(folder->path, "lock");
    if (path == NULL) return gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", folder->path);
    int code = 0;
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (folder->lock < 0) {
        code = unusable(error, folder->path, strerror(errno));
    } else if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0) {
        char holder[32] = "";
        ssize_t length = read(folder->lock, holder, sizeof(holder) - 1);
        holder[length > 0 ? strcspn(holder, "\n") : 0] = '\0';
        code = gsp_error_set(error, GSP_ERR_STATE,
                             "State = %s: another gossipd (process %s) works in this folder: stop it, or give this "
                             "daemon a State of its own",
                             folder->path, holder[0] != '\0' ? holder : "unknown");
    } else {
        char holder[32];
        int length = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
        if (ftruncate(folder->lock, 0) != 0 || write(folder->lock, holder, (size_t)length) != length)
            code = unusable(error, folder->path, strerror(errno));
    }
    free(path);
    return code;
}

/* A folder that a power failure takes away takes everything in it. */
static int sync_parent(const char *path, struct gsp_error *error)
{
    char *parent = parent_of(path);
    if (parent == NULL) return gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", path);
    /* One that may be written to and not be read can't be brought to the disk. */
    int code = folder_sync(parent) || errno == EACCES ? 0 : unusable(error, path, strerror(errno));
    free(parent);
    return code;
}

int state_folder_open(struct state_folder *out, const char *path, struct gsp_error *error)
{
    struct state_folder folder = {.lock = -1};
    int code = state_folder_check(path, error);
    if (code != 0) return code;
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST) return unusable(error, path, strerror(errno));
    if (made && (code = sync_parent(path, error)) != 0) return code;
    folder.path = gsp_strdup(path);
    folder.socket = joined(path, "control.sock");
    if (folder.path == NULL || folder.socket == NULL) {
        code = gsp_error_set(error, GSP_ERR_NOMEM, "State = %s: out of memory", path);
        goto fail;
    }
    code = take_lock(&folder, error);
    if (code != 0) goto fail;
    *out = folder;
    return 0;
fail:
    state_folder_close(&folder);
    return code;
}

void state_folder_close(struct state_folder *folder)
{
    if (folder->lock >= 0) close(folder->lock); /* and with it the lock; the file stays */
    free(folder->path);
    free(folder->socket);
    *folder = (struct state_folder){.lock = -1};
}
