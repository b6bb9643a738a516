/* Attacks on a live daemon, each by its name. The stage (stage.sh) starts the daemons and runs this program again with
 * --at; afterwards it sees whether they still train. */
#include "attack/attacks.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Attacks that need no messages are the stage's own. */
static const char *const staged[] = {"removed-peer", "control-socket", "dump-paths", NULL};

static const struct attack *const lists[] = {attacks_strangers, attacks_floods,   attacks_answers,
                                             attacks_records,   attacks_messages, attacks_runs};
enum { LISTS = sizeof lists / sizeof *lists };

static void list(void)
{
    static const char *const stages[] = {"dial", "answer", "star", "few"};
    for (size_t i = 0; i < LISTS; i++)
        for (const struct attack *a = lists[i]; a->name; a++) printf("%s %s\n", a->name, stages[a->stage]);
    for (const char *const *name = staged; *name; name++) printf("%s staged\n", *name);
}

static const struct attack *find(const char *name)
{
    for (size_t i = 0; i < LISTS; i++)
        for (const struct attack *a = lists[i]; a->name; a++)
            if (strcmp(a->name, name) == 0) return a;
    must(false, "an attack, not '%s'; --list has them", name);
    return NULL;
}

/* The attacker plays the last node of the network, or as a star's all but the first. */
static int attack(const char *folder, const char *name)
{
    const struct attack *chosen = find(name);
    struct target target;
    setvbuf(stdout, NULL, _IOLBF, 0);
    must(sodium_init() >= 0, "libsodium");
    target_load(&target, folder, chosen->stage == STAGE_STAR ? "n002" : "n003", "n001");
    chosen->run(&target);
    if (chosen->stage != STAGE_STAR) check_healthy(&target, 10000);
    target_free(&target);
    return EXIT_SUCCESS;
}

/* The files of a star whose hub has a neighbour for each bit of message 2, and one more: each at an address of its own,
 * so that the attacker can be all of them. */
static int make_star(const char *folder, const char *port)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/peers.conf", folder);
    FILE *peers = fopen(path, "w");
    must(peers && sodium_init() >= 0, "to write %s", path);
    fprintf(peers, "[Network]\nName = star\nTopology = star\n");
    for (int i = 1; i <= 8 * MESSAGE_2 + 2; i++) {
        uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
        char encoded[45];
        randombytes_buf(secret, sizeof secret);
        must(gsp_public_key(public_key, secret) == 0, "a key");
        gsp_key_encode(encoded, public_key);
        fprintf(peers, "[Node]\nName = n%03d\nPublicKey = %s\nEndpoint = 127.9.%d.%d:%s\n", i, encoded, i / 250,
                i % 250 + 1, port);
        snprintf(path, sizeof path, "%s/n%03d", folder, i);
        mkdir(path, 0700);
        snprintf(path, sizeof path, "%s/n%03d/n%03d.key", folder, i, i);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
        gsp_key_encode(encoded, secret);
        must(fd >= 0 && write(fd, encoded, strlen(encoded)) == (ssize_t)strlen(encoded), "to write %s", path);
        close(fd);
    }
    must(fclose(peers) == 0, "to write peers.conf");
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        list();
        return EXIT_SUCCESS;
    }
    if (argc == 4 && strcmp(argv[1], "--star") == 0) return make_star(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "--at") == 0) return attack(argv[2], argv[3]);
    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: attacks --list | attacks NAME... | attacks --at FOLDER NAME\n");
        return 64;
    }
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (!words) return EXIT_FAILURE;
    words[0] = "bash";
    words[1] = TEST_SOURCE "/tests/attack/stage.sh";
    for (int i = 1; i < argc; i++) words[i + 1] = argv[i];
    setenv("BUILD", TEST_BUILD, 1);
    execv("/bin/bash", words);
    perror("/bin/bash");
    free(words);
    return EXIT_FAILURE;
}
