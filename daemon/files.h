/* files.h - paths and whole files: the library takes bytes, so the programs open the files. */
#ifndef DAEMON_FILES_H
#define DAEMON_FILES_H

#include <gossip/base.h>

/* A relative path counts from the folder of the file that holds it. The caller frees the path; NULL without memory. */
char *path_beside(const char *file, const char *path);

/* A file's bytes, mapped read-only: they take no memory of ours. */
struct file_map {
    const uint8_t *bytes;
    size_t length;
    void *mapping; /* NULL for an empty file */
};
/* GSP_ERR_IO for what can't be opened or is no regular file. */
int file_map(struct file_map *out, const char *path, struct gsp_error *error);
void file_unmap(struct file_map *map);

#define CONFIG_FILE_MAX  (1u << 20)
#define NETWORK_FILE_MAX (256u << 20) /* edges by hand: a line or three each */

/* Reads a file of at most `limit` bytes into memory. What the disk does not give back (EIO) is GSP_ERR_DATA; *out then
 * has what comes before it. */
int file_read(struct gsp_buffer *out, const char *path, size_t limit, struct gsp_error *error);
/* The same from where an open file is. */
int file_read_rest(struct gsp_buffer *out, int fd, const char *path, size_t limit, struct gsp_error *error);
/* The same for a file that must be ours alone: refused when its owner is another user or when group or others may
 * read it. */
int file_read_private(struct gsp_buffer *out, const char *path, size_t limit, struct gsp_error *error);

/* Descriptors 0 to 2 that are closed become /dev/null: no file or socket may get their numbers. */
void files_fill_standard(void);

/* Brings the names in a folder to the disk; false with errno. */
bool folder_sync(const char *folder);

#endif
