/* The text of failures. */
#include <gossip/base.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gsp_strerror(int code)
{
    switch (code) {
    case GSP_OK:
        return "success";
#define GSP_ERROR_TEXT(name, number, text)                                                                             \
    case name:                                                                                                         \
        return text;
        GSP_ERRORS(GSP_ERROR_TEXT)
#undef GSP_ERROR_TEXT
    default:
        return "unknown error";
    }
}

int gsp_error_set(struct gsp_error *error, int code, const char *format, ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
    }
    return code;
}

void gsp_error_prefix(struct gsp_error *error, const char *format, ...)
{
    if (!error) return;
    char prefix[sizeof error->message], whole[2 * sizeof error->message + 4];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof prefix, format, arguments);
    va_end(arguments);
    snprintf(whole, sizeof whole, "%s: %s", prefix, error->message);
    whole[sizeof error->message - 1] = 0;
    memcpy(error->message, whole, strlen(whole) + 1);
}

void gsp_problems_add(struct gsp_problems *problems, const char *format, ...)
{
    char text[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *copy = gsp_strdup(text);
    char **grown = realloc(problems->messages, (problems->count + 1) * sizeof *grown);
    if (grown) {
        problems->messages = grown;
        /* Without memory for the text the problem still counts: the input is not good. */
        problems->messages[problems->count++] = copy;
    } else {
        free(copy);
        problems->untold++;
    }
}

void gsp_problems_clear(struct gsp_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) free(problems->messages[i]);
    free(problems->messages);
    *problems = (struct gsp_problems){0};
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein distance, letters compared without case; words longer than the row are far from everything. */
static size_t edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 64 };
    size_t la = strlen(a), lb = strlen(b), row[LONGEST + 1];
    if (la > LONGEST || lb > LONGEST) return SIZE_MAX;
    for (size_t j = 0; j <= lb; j++) row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t above = row[j];
            size_t change = diagonal + ((a[i - 1] | 32) != (b[j - 1] | 32));
            row[j] = smaller(change, smaller(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[lb];
}

const char *gsp_suggest(const char *word, const char *const *choices)
{
    const char *best = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (; *choices; choices++) {
        size_t distance = edit_distance(word, *choices);
        if (distance < least) {
            least = distance;
            best = *choices;
        }
    }
    return best;
}
