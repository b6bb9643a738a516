#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col == 0) return 80;
    return size.ws_col;
}

size_t terminal_height(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_row == 0) return 24;
    return size.ws_row;
}

struct gsp_style terminal_style(void)
{
    const char *no_colour = getenv("NO_COLOR");
    if (!isatty(STDOUT_FILENO)) return (struct gsp_style){0};
    return (struct gsp_style){.colour = !no_colour || !*no_colour, .width = terminal_width()};
}

void progress_begin(struct progress *progress, bool quiet)
{
    *progress = (struct progress){.quiet = quiet, .live = !quiet && isatty(STDOUT_FILENO)};
}

/* How many bytes of `text` fill at most `columns`: UTF-8 continues in bytes 10xxxxxx. */
static int fitting(const char *text, size_t columns)
{
    size_t at = 0;
    for (size_t used = 0; text[at]; at++)
        if (((unsigned char)text[at] & 0xc0) != 0x80 && ++used > columns) break;
    return (int)at;
}

void progress_show(struct progress *progress, const char *text)
{
    if (progress->quiet || strcmp(text, progress->shown) == 0) return;
    snprintf(progress->shown, sizeof progress->shown, "%s", text);
    if (progress->live)
        printf("\r%.*s\033[K", fitting(text, terminal_width() - 1), text);
    else
        printf("%s\n", text);
    fflush(stdout);
}

void progress_end(struct progress *progress)
{
    if (progress->live && *progress->shown) printf("\r\033[K");
    *progress->shown = '\0';
    fflush(stdout);
}
