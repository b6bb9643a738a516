/* gossip-sim: many nodes in one process, the same core as the daemons', no network. */
#include "sim.h"

#include "daemon/files.h"

#include <config.h>

#include <cblas.h>
#include <string.h>

const char common_program[] = "gossip-sim";

int sim_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "gossip-sim: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\nSee `gossip-sim --help` and `gossip-sim run --help`.\n");
    va_end(arguments);
    return EXIT_USAGE;
}

static int help(void)
{
    puts("usage: gossip-sim run [KEY=VALUE...] --nodes N --topology T --data SPEC [OPTION...]\n"
         "       gossip-sim run objective=worker [KEY=VALUE...] --nodes N --topology T --worker COMMAND [OPTION...]\n"
         "       gossip-sim golden DIR [--tolerance 1e-9]\n\n"
         "Trains a model on many nodes in one process, without a network. After the same job the\n"
         "parameters are bit for bit those of as many daemons.\n\n"
         "Commands:\n"
         "  run       train; see `gossip-sim run --help`\n"
         "  golden    replay a recorded trajectory of the paper authors' own code\n\n"
         "Exit codes: 0 done, 1 failed (a worker, too), 64 wrong use, 78 wrong configuration or data (workers\n"
         "whose models differ, too).\n\n"
         "A first run, 16 nodes that each see a sixteenth of the data:\n"
         "  gossip-sim run objective=linear rounds=60 compressor=topk:fraction=0.1 --nodes 16 \\\n"
         "      --topology torus --data synthetic:objective=linear,samples=2000,features=100 \\\n"
         "      --history history.csv");
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) return sim_usage("which command? run or golden");
    const char *command = argv[1];
    if (strcmp(command, "run") == 0) return sim_run(argc - 2, argv + 2);
    if (strcmp(command, "golden") == 0) return sim_golden(argc - 2, argv + 2);
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 || strcmp(command, "help") == 0) return help();
    if (strcmp(command, "--version") == 0 || strcmp(command, "version") == 0) {
        puts("gossip-sim " PACKAGE_VERSION);
        return EXIT_DONE;
    }
    return sim_usage("there is no command '%s'; there are run and golden", command);
}

int main(int argc, char **argv)
{
    files_fill_standard();
    /* Sums must not depend on how many processors there are. */
    openblas_set_num_threads(1);
    return common_finish(run(argc, argv));
}
