/* The rows that a configuration names, read from its files. */
#ifndef DAEMON_ROWS_H
#define DAEMON_ROWS_H

#include <gossip/data.h>

/* `file`: relative paths count from the folder of this one; NULL: from the working folder. `alone`: no other node reads
 * rows of its own. GSP_ERR_IO: a file can't be read; GSP_ERR_DATA as of gsp_dataset_read. */
int rows_train(struct gsp_dataset **out, const struct gsp_data_config *config, const char *file, bool alone,
               struct gsp_error *error);
/* Those of Test, of one kind with `train`. */
int rows_test(struct gsp_dataset **out, const struct gsp_data_config *config, const char *file,
              const struct gsp_dataset *train, bool alone, struct gsp_error *error);

#endif
