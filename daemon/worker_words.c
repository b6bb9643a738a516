#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "worker_words.h"

#include <stdio.h>
#include <string.h>

static const char *ordinal(unsigned number)
{
    unsigned ten = number / 10 % 10, one = number % 10;
    if (ten == 1 || one > 3 || !one) return "th";
    return one == 1 ? "st" : one == 2 ? "nd" : "rd";
}

void words_try(char *out, size_t size, const char *why, unsigned starts)
{
    if (starts > 1)
        snprintf(out, size, "%s, %u%s try", why, starts, ordinal(starts));
    else
        snprintf(out, size, "%s", why);
}

void words_last(char *out, size_t size, const char *what, const char *text)
{
    size_t end = strlen(text), begin;
    while (end && strchr(" \n", text[end - 1])) end--;
    for (begin = end; begin && text[begin - 1] != '\n';) begin--;
    while (text[begin] == ' ') begin++;
    if (begin < end)
        snprintf(out, size, "%s: %.*s", what, (int)(end - begin), text + begin);
    else
        snprintf(out, size, "%s, without a word why", what);
}

void words_never(char *text, size_t size)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "; it is not started again before gossipd is");
}
