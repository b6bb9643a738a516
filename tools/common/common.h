/* What the programs of tools/ share: exit codes, words for the user, files. */
#ifndef GOSSIP_TOOLS_COMMON_H
#define GOSSIP_TOOLS_COMMON_H

#include <gossip/base.h>
#include <gossip/data.h>

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_NO_DAEMON = 3, /* nothing listens at that socket */
    EXIT_USAGE = 64,    /* the command line */
    EXIT_CONFIG = 78    /* configuration or data */
};

/* The program's name; each main.c defines its own. */
extern const char common_program[];

/* The exit code that a library error stands for. */
int common_exit_code(int error);
/* Prints "PROGRAM: ..." and a line end to stderr. */
void common_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints every problem on a line of its own to stderr. */
void common_say_problems(const struct gsp_problems *problems);
/* Closes stdout; a write that failed, now or before, turns `code` 0 into EXIT_FAILED and is said. */
int common_finish(int code);

/* ---- files ---- */

/* The whole file as text with a NUL behind it; the caller frees. For files that people write: at most 256 MiB. */
int common_read_text(char **text, size_t *length, const char *path, struct gsp_error *error);

/* A file mapped to memory. `file` is what the library's readers take; `path` must outlive it. */
struct common_map {
    struct gsp_file file;
    void *address;
};
int common_map(struct common_map *map, const char *path, struct gsp_error *error);
void common_unmap(struct common_map *map);

/* Creates a file that must not exist yet, with this mode whatever the umask, and writes it down to the disk. Nothing
 * is left behind on failure. */
int common_create(const char *path, unsigned mode, const void *bytes, size_t length, struct gsp_error *error);

/* "FOLDER-OF-base/path", or path itself if it is absolute; the caller frees. NULL: no memory. */
char *common_relative(const char *base, const char *path);

/* The private key in a file, refused when others may read it. `key` is wiped by the caller. */
int common_read_key(uint8_t key[32], const char *path, struct gsp_error *error);

#endif
