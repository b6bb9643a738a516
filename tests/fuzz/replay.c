/* The main of a harness that is not built for fuzzing: plays files, all files of folders, and all inputs of corpora
 * (which end in .zip) through it. Without arguments it plays the corpus that belongs to it: tests/fuzz/corpus/NAME.zip
 * for fuzz_NAME. */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>

static _Noreturn void fail(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

static _Noreturn void fail_system(const char *path)
{
    perror(path);
    exit(EXIT_FAILURE);
}

/* Room for just as many bytes, so that a sanitizer sees what reads beyond their end. */
static uint8_t *room(const char *path, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    if (!bytes) fail_system(path);
    return bytes;
}

static size_t play_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (!file) fail_system(path);
    uint8_t *bytes = room(path, size);
    if (fread(bytes, 1, size, file) != size) fail_system(path);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one is the one that crashed */
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 1;
}

static void play_entry(zip_t *archive, zip_uint64_t index, const char *path)
{
    zip_stat_t status;
    if (zip_stat_index(archive, index, 0, &status)) fail(path, zip_strerror(archive));
    uint8_t *bytes = room(path, status.size), beyond;
    zip_file_t *entry = zip_fopen_index(archive, index, 0);
    if (!entry) fail(path, zip_strerror(archive));
    /* The checksum is compared where an entry ends: so read on until then. */
    if (zip_fread(entry, bytes, status.size) != (zip_int64_t)status.size || zip_fread(entry, &beyond, 1) != 0)
        fail(path, zip_file_strerror(entry));
    zip_fclose(entry);
    fprintf(stderr, "%s %s\n", path, status.name);
    LLVMFuzzerTestOneInput(bytes, status.size);
    free(bytes);
}

static size_t play_corpus(const char *path)
{
    int code;
    zip_t *archive = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        fail(path, zip_error_strerror(&error));
    }
    zip_int64_t count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count; i++) play_entry(archive, (zip_uint64_t)i, path);
    zip_discard(archive);
    return (size_t)count;
}

static size_t play(const char *path);

static size_t play_folder(const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0) fail_system(path);
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

static size_t play(const char *path)
{
    struct stat status;
    const char *end = strrchr(path, '.');
    if (stat(path, &status)) fail_system(path);
    if (S_ISDIR(status.st_mode)) return play_folder(path);
    if (end && strcmp(end, ".zip") == 0) return play_corpus(path);
    return play_file(path, (size_t)status.st_size);
}

static size_t play_own(const char *program)
{
    const char *slash = strrchr(program, '/'), *root = getenv("abs_top_srcdir");
    const char *name = slash ? slash + 1 : program, *prefix = "fuzz_";
    char path[PATH_MAX];
    if (!root || strncmp(name, prefix, strlen(prefix)) != 0) {
        fprintf(stderr,
                "usage: %s FILE|FOLDER|CORPUS.zip...\n"
                "without arguments abs_top_srcdir says where tests/fuzz/corpus is\n",
                program);
        exit(EXIT_FAILURE);
    }
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s.zip", root, name + strlen(prefix));
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
