/* worker_words.h - what is said of the worker, in words that fit into a line of status. */
#ifndef DAEMON_WORKER_WORDS_H
#define DAEMON_WORKER_WORDS_H

#include <stddef.h>

#define WORDS_TRY   24 /* bytes that words_try adds at most */
#define WORDS_NEVER 56 /* bytes that words_never adds at most */

/* "WHY", or from the second start on "WHY, 2nd try". */
void words_try(char *out, size_t size, const char *why, unsigned starts);
/* "WHAT: " and the last line of the text that is not blank: of a traceback it is the one that names the error. */
void words_last(char *out, size_t size, const char *what, const char *text);
/* Appends that it is not started again. */
void words_never(char *text, size_t size);

#endif
