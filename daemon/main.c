/* gossipd - one node of a network that trains a model by compressed gossip. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "commands.h"
#include "daemon.h"
#include "files.h"
#include "log.h"
#include "setup.h"
#include "state.h"

#include <cblas.h>
#include <getopt.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 64, EXIT_CONFIG = 78 };

struct arguments {
    const char *file;
    bool check, verbose;
};

static void print_help(void)
{
    printf("usage: gossipd -c FILE [--check] [--verbose]\n"
           "\n"
           "Runs one node in the foreground; the log goes to stderr. gossipctl talks to it.\n"
           "\n"
           "  -c, --config FILE  the daemon's configuration, see below\n"
           "      --check        read and check all files, say what the daemon would be, and end\n"
           "  -v, --verbose      log more\n"
           "  -h, --help         show this\n"
           "  -V, --version      show the version\n"
           "\n"
           "SIGHUP reads the network file anew, as gossipctl reload does; SIGTERM and SIGINT end in order.\n"
           "\n"
           "exit codes: 0 done, 1 failed, 64 usage, 78 configuration, data or kept files\n"
           "\n"
           "FILE (relative paths in it count from its folder):\n");
    const char *section = NULL;
    for (const struct gsp_option *o = gsp_daemon_options(); o->key; o++) {
        if (!section || strcmp(section, o->section) != 0) printf("  [%s]\n", o->section);
        section = o->section;
        printf("    %-11s %s%s", o->key, o->help, commands_of_option(o));
        if (o->required) printf(" (required)");
        if (o->fallback) printf(" (default %s)", o->fallback);
        printf("\n");
    }
}

/* Returns the exit code to end with, or -1 to go on. */
static int parse_arguments(struct arguments *out, int count, char **words)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
                                            {"verbose", no_argument, NULL, 'v'},      {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(count, words, "c:vhV", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            out->file = optarg;
            break;
        case 'k':
            out->check = true;
            break;
        case 'v':
            out->verbose = true;
            break;
        case 'h':
            print_help();
            return !fflush(stdout) ? EXIT_DONE : EXIT_FAILED;
        case 'V':
            printf("gossipd %s\n", PACKAGE_VERSION);
            return !fflush(stdout) ? EXIT_DONE : EXIT_FAILED;
        default:
            fprintf(stderr, "see gossipd --help\n");
            return EXIT_USAGE;
        }
    }
    if (optind < count) {
        fprintf(stderr, "gossipd: unexpected argument: %s; see gossipd --help\n", words[optind]);
        return EXIT_USAGE;
    }
    if (!out->file) {
        fprintf(stderr, "gossipd: which node am I? Give its configuration: gossipd -c FILE; see gossipd --help\n");
        return EXIT_USAGE;
    }
    return -1;
}

static int exit_code(int rc)
{
    switch (rc) {
    case 0:
        return EXIT_DONE;
    case GSP_ERR_USAGE:
        return EXIT_USAGE;
    case GSP_ERR_CONFIG:
    case GSP_ERR_DATA:
    case GSP_ERR_FOREIGN:
        return EXIT_CONFIG;
    default:
        return EXIT_FAILED;
    }
}

static void print_problems(const struct gsp_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "gossipd: %s\n", problems->messages[i] ? problems->messages[i] : "out of memory");
    if (problems->untold > 0) fprintf(stderr, "gossipd: out of memory: %zu more problems\n", problems->untold);
}

/* Settings of the process, before its first thread and its first large allocation. */
static void prepare_process(void)
{
    /* A node's gradient uses one core: hosts often run several nodes, and a result must not depend on the number of
     * threads. */
    openblas_set_num_threads(1);
    /* One thread for the job, one for the disk (a slow fsync must not hold the job back), one or two for names to look
     * up (libuv gives those at most half of the pool). */
    setenv("UV_THREADPOOL_SIZE", "4", 0);
    /* An arena for each thread would keep several times the memory that the job and the loop need. */
    mallopt(M_ARENA_MAX, 2);
    /* A hub of a large star holds thousands of connections. */
    struct rlimit files;
    if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int run(struct setup *setup, bool verbose)
{
    struct log_writer writer;
    struct state_folder folder;
    struct gsp_error error = {0};
    log_writer_init(&writer, verbose);
    struct gsp_log log = log_writer_sink(&writer);
    int rc = state_folder_open(&folder, setup->state, &error);
    if (!rc) {
        rc = daemon_run(setup, &folder, &log, &error);
        state_folder_close(&folder);
    }
    if (rc) fprintf(stderr, "gossipd: %s\n", error.message);
    return exit_code(rc);
}

int main(int count, char **words)
{
    struct arguments arguments = {0};
    files_fill_standard();
    int result = parse_arguments(&arguments, count, words);
    if (result >= 0) return result;
    if (sodium_init() < 0) {
        fprintf(stderr, "gossipd: libsodium can't be initialised\n");
        return EXIT_FAILED;
    }
    prepare_process();

    struct setup setup;
    struct gsp_problems problems = {0};
    int rc = setup_load(&setup, arguments.file, &problems);
    print_problems(&problems);
    gsp_problems_clear(&problems);
    /* Reading data takes scratch memory that the daemon never needs again. */
    malloc_trim(0);
    if (rc) {
        result = exit_code(rc);
    } else if (arguments.check) {
        setup_print(&setup);
        result = !fflush(stdout) ? EXIT_DONE : EXIT_FAILED;
    } else {
        result = run(&setup, arguments.verbose);
    }
    setup_clear(&setup);
    return result;
}
