/* Messages to whatever sink the program gave. */
#include <gossip/base.h>

#include <stdio.h>

void gsp_log(const struct gsp_log *log, enum gsp_log_level level, const char *format, ...)
{
    if (!log || !log->write) return;
    char text[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    log->write(log->context, level, text);
}
