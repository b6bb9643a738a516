/* Words for the user, and the exit codes that go with them. */
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int common_exit_code(int error)
{
    switch (error) {
    case GSP_OK:
        return EXIT_DONE;
    case GSP_ERR_USAGE:
        return EXIT_USAGE;
    case GSP_ERR_CONFIG:
    case GSP_ERR_DATA:
        return EXIT_CONFIG;
    default:
        return EXIT_FAILED;
    }
}

void common_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", common_program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void common_say_problems(const struct gsp_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "%s\n", problems->messages[i] ? problems->messages[i] : "a problem, and no memory to tell it");
    if (problems->untold) fprintf(stderr, "%zu more problems, and no memory to tell them\n", problems->untold);
}

int common_finish(int exit_code)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fclose(stdout)) failed = true;
    if (!failed || exit_code != EXIT_DONE) return exit_code;
    common_say("writing to standard output failed%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
    return EXIT_FAILED;
}
