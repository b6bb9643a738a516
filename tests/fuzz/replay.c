/* The main of a harness that is not built for fuzzing: plays files, or all files of folders, through it. Without
 * arguments it plays the corpus that belongs to it, tests/fuzz/corpus/NAME for fuzz_NAME. */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void fail(const char *path)
{
    perror(path);
    exit(EXIT_FAILURE);
}

static void play_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(size ? size : 1);
    if (!file || !bytes || fread(bytes, 1, size, file) != size) fail(path);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one is the one that crashed */
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
}

static size_t play(const char *path)
{
    struct stat status;
    if (stat(path, &status)) fail(path);
    if (!S_ISDIR(status.st_mode)) {
        play_file(path, (size_t)status.st_size);
        return 1;
    }
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0) fail(path);
    size_t played = 0;
    for (int i = 0; i < count; i++) {
        char inside[PATH_MAX];
        snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') played += play(inside);
        free(entries[i]);
    }
    free(entries);
    return played;
}

static size_t play_own(const char *program)
{
    const char *slash = strrchr(program, '/'), *root = getenv("abs_top_srcdir");
    const char *name = slash ? slash + 1 : program, *prefix = "fuzz_";
    char path[PATH_MAX];
    if (!root || strncmp(name, prefix, strlen(prefix)) != 0) {
        fprintf(stderr, "usage: %s FILE|FOLDER...\nwithout arguments abs_top_srcdir says where tests/fuzz/corpus is\n",
                program);
        exit(EXIT_FAILURE);
    }
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", root, name + strlen(prefix));
    return play(path);
}

int main(int argc, char **argv)
{
    size_t played = 0;
    for (int i = 1; i < argc; i++) played += play(argv[i]);
    if (argc == 1) played = play_own(argv[0]);
    /* As the check library sums up, which is what tests/count.awk reads. */
    printf("100%%: Checks: %zu, Failures: 0, Errors: 0\n", played);
    return played ? EXIT_SUCCESS : EXIT_FAILURE;
}
