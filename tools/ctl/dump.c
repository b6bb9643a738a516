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
    if (beside == NULL) return gsp_error_set(error, GSP_ERR_NOMEM, "%s: out of memory", path);
    snprintf(beside, room, "%s.%ld.tmp", path, (long)getpid());
    mode_t mask = umask(0);
    umask(mask);
    int code = common_create(beside, 0666 & ~mask, bytes->data, bytes->length, error);
    if (code == 0 && rename(beside, path) != 0) {
        code = gsp_error_set(error, GSP_ERR_IO, "%s: %s", path, strerror(errno));
        unlink(beside);
    }
    free(beside);
    return code;
}

static int check_out(const struct ctl *ctl, const char *path)
{
    struct stat about;
    size_t length = strlen(path);
    if (length < 4 || strcmp(path + length - 4, ".npy") != 0)
        return ctl_usage(ctl, "--out %s: dump writes npy files: give a name that ends in .npy", path);
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
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
    int code = client_print(ctl, object != NULL ? json_dumps(object, JSON_COMPACT) : NULL);
    json_decref(object);
    return code;
}

static int run_dump(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    const char *vector = argv[0], *path = ctl_value(ctl, "--out");
    if (strcmp(vector, "x") != 0 && strcmp(vector, "z") != 0)
        return ctl_usage(ctl, "dump x or dump z, not '%s'", vector);
    if (path == NULL) return ctl_usage(ctl, "where to? Give --out FILE.npy");
    int code = check_out(ctl, path);
    if (code != EXIT_DONE) return code;

    struct gsp_error error = {0};
    struct gsp_buffer bytes = {0};
    double *values;
    uint64_t count;
    code = fetch_vector(ctl->socket, *vector, &values, &count, &error);
    if (code == EXIT_DONE && gsp_npy_write(values, (size_t)count, 0, &bytes) != 0) {
        gsp_error_set(&error, GSP_ERR_NOMEM, "out of memory");
        code = EXIT_FAILED;
    }
    free(values);
    if (code == EXIT_DONE && write_whole(path, &bytes, &error) != 0) code = EXIT_FAILED;
    gsp_buffer_clear(&bytes);
    return code == EXIT_DONE ? report(ctl, vector, path, count) : client_fail(ctl, code, "%s", error.message);
}

static const struct ctl_option dump_options[] = {
    {"--out", "FILE.npy", "the file to write; it is replaced as a whole or not at all"},
    {0},
};

const struct ctl_command ctl_dump = {
    .name = "dump",
    .synopsis = "x|z --out FILE.npy",
    .summary = "write the parameters to a file",
    .details = "Writes this node's parameters x, or z, the copy of them that its neighbours hold, as\n"
               "float64 of shape (d). Softmax parameters are classes x features, row by row, the bias\n"
               "last. While a run goes on it is the state after the step in hand.\n\n"
               "  gossipctl dump x --out x.npy\n",
    .options = dump_options,
    .least = 1,
    .most = 1,
    .json = true,
    .run = run_dump,
};
