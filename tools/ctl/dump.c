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

/* Of which run, too: after one that failed before its first step it is an older one's. */
static int report(const struct ctl *ctl, const char *vector, const char *path, const struct fetched_vector *fetched)
{
    if (!ctl->json) {
        printf("%s: %s, %" PRIu64 " values, of run %" PRIu64 " after round %" PRIu64 "\n", path, vector, fetched->count,
               fetched->run.epoch, fetched->round);
        return EXIT_DONE;
    }
    json_t *object =
        json_pack("{s:s,s:s,s:I,s:I,s:I}", "file", path, "vector", vector, "values", (json_int_t)fetched->count, "run",
                  (json_int_t)fetched->run.epoch, "round", (json_int_t)fetched->round);
    int exit_code = client_print(ctl, object ? json_dumps(object, JSON_COMPACT) : NULL);
    json_decref(object);
    return exit_code;
}

static int run_dump(struct ctl *ctl, int argc, char **argv)
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
    struct fetched_vector fetched;
    exit_code = fetch_vector(ctl->socket, *vector, &fetched, &error);
    if (exit_code == EXIT_DONE && gsp_npy_write(fetched.values, (size_t)fetched.count, 0, &bytes)) {
        gsp_error_set(&error, GSP_ERR_NOMEM, "out of memory");
        exit_code = EXIT_FAILED;
    }
    free(fetched.values);
    if (exit_code == EXIT_DONE && write_whole(path, &bytes, &error)) exit_code = EXIT_FAILED;
    gsp_buffer_clear(&bytes);
    return exit_code == EXIT_DONE ? report(ctl, vector, path, &fetched)
                                  : client_fail(ctl, exit_code, "%s", error.message);
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
