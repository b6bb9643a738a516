/* `gossipctl dump`: a node's parameters (x), or what its neighbours hold of it (z), as a npy file. */
#include "client.h"
#include "fetch.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whole or not at all: beside the file first, then renamed. */
static int write_whole(const char *path, const struct gsp_buffer *bytes, struct gsp_error *error)
{
    size_t room = strlen(path) + 32;
    char *beside = gsp_alloc(room, 1);
    if (!beside) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: out of memory", path);
    snprintf(beside, room, "%s.%ld.tmp", path, (long)getpid());
    mode_t mask = umask(0);
    umask(mask);
    int rc = common_create(beside, 0666 & ~mask, bytes->data, bytes->length, error);
    if (!rc && rename(beside, path)) {
        rc = gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
        unlink(beside);
    }
    free(beside);
    return rc;
}

static int check_out(const struct ctl *ctl, const char *path)
{
    struct stat about;
    size_t length = strlen(path);
    if (length < 4 || strcmp(path + length - 4, ".npy") != 0)
        return ctl_usage(ctl, "--out %s: dump writes npy files: give a name that ends in .npy", path);
    if (!stat(path, &about) && S_ISDIR(about.st_mode))
        return client_fail(ctl, EXIT_FAILED, "%s: is a folder; give the name of a file", path);
    return EXIT_DONE;
}

static int report(const struct ctl *ctl, const char *vector, const char *path, uint64_t count)
{
    if (!ctl->json) {
        printf("%s: %s, %" PRIu64 " values\n", path, vector, count);
        return EXIT_DONE;
    }
    json_t *object = json_pack("{s:s,s:s,s:I}", "file", path, "vector", vector, "values", (json_int_t)count);
    int exit_code = client_print(ctl, object ? json_dumps(object, JSON_COMPACT) : NULL);
    json_decref(object);
    return exit_code;
}

int ctl_dump(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    const char *vector = argv[0], *path = ctl_value(ctl, "--out");
    if (strcmp(vector, "x") != 0 && strcmp(vector, "z") != 0)
        return ctl_usage(ctl, "dump x or dump z, not '%s'", vector);
    if (!path) return ctl_usage(ctl, "where to? Give --out FILE.npy");
    int exit_code = check_out(ctl, path);
    if (exit_code != EXIT_DONE) return exit_code;

    struct gsp_error error = {0};
    struct gsp_buffer bytes = {0};
    double *values;
    uint64_t count;
    exit_code = fetch_vector(ctl->socket, *vector, &values, &count, &error);
    if (exit_code == EXIT_DONE && gsp_npy_write(values, (size_t)count, 0, &bytes)) {
        gsp_error_set(&error, GSP_ERR_NOMEM, "out of memory");
        exit_code = EXIT_FAILED;
    }
    free(values);
    if (exit_code == EXIT_DONE && write_whole(path, &bytes, &error)) exit_code = EXIT_FAILED;
    gsp_buffer_clear(&bytes);
    return exit_code == EXIT_DONE ? report(ctl, vector, path, count) : client_fail(ctl, exit_code, "%s", error.message);
}
