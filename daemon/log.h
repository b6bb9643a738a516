/* log.h - the daemon's log: one line a message on stderr, with time and level; colours on a terminal. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <gossip/base.h>

struct log_writer {
    enum gsp_log_level least; /* less grave messages are dropped */
    bool colour;
};

void log_writer_init(struct log_writer *writer, bool verbose);
/* The sink for the library; `writer` is borrowed. */
struct gsp_log log_writer_sink(struct log_writer *writer);

#endif
