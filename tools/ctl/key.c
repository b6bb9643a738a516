/* `gossipctl genkey` and `gossipctl pubkey`. */
#include "ctl.h"

#include "daemon/commands.h"
#include "daemon/files.h"

#include <gossip/config.h>
#include <gossip/session.h>

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

int ctl_write_key(const char *path, uint8_t public_key[GSP_KEY_BYTES], struct gsp_error *error)
{
    uint8_t secret[GSP_KEY_BYTES];
    char text[46];
    if (sodium_init() < 0) return gsp_error_set(error, GSP_ERR_IO, "no source of random numbers");
    randombytes_buf(secret, sizeof secret);
    gsp_key_encode(text, secret);
    text[44] = '\n';
    int rc = public_key ? gsp_public_key(public_key, secret) : 0;
    if (!rc) rc = common_create(path, 0600, text, 45, error);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(text, sizeof text);
    return rc;
}

/* The private key in a file that nobody else may read. */
static int read_key(uint8_t secret[GSP_KEY_BYTES], const char *path, struct gsp_error *error)
{
    enum { LONGEST = 1024 };
    struct gsp_buffer text = {0};
    int rc = file_read_private(&text, path, LONGEST, error);
    if (!rc) {
        rc = gsp_key_decode(secret, (const char *)text.data, text.length, error);
        const struct gsp_error reason = *error;
        if (rc) gsp_error_set(error, rc, "%s: %s; " COMMANDS_OF_KEYS, path, reason.message);
    }
    if (text.data) sodium_memzero(text.data, text.capacity);
    gsp_buffer_clear(&text);
    return rc ? GSP_ERR_CONFIG : 0;
}

static int run_genkey(struct ctl *ctl, int argc, char **argv)
{
    (void)ctl;
    (void)argc;
    struct gsp_error error = {0};
    int rc = ctl_write_key(argv[0], NULL, &error);
    if (!rc) return EXIT_DONE;
    common_say("%s%s", error.message,
               errno == EEXIST ? "; a key is never overwritten: name another file, or move this one away" : "");
    return common_exit_code(rc);
}

static int run_pubkey(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    struct gsp_error error = {0};
    uint8_t secret[GSP_KEY_BYTES], public_key[GSP_KEY_BYTES];
    int rc = read_key(secret, argv[0], &error);
    if (!rc && gsp_public_key(public_key, secret))
        rc = gsp_error_set(&error, GSP_ERR_CONFIG, "%s: not a usable private key", argv[0]);
    sodium_memzero(secret, sizeof secret);
    if (rc) {
        common_say("%s", error.message);
        return common_exit_code(rc);
    }
    char text[45];
    gsp_key_encode(text, public_key);
    printf(ctl->json ? "{\"public_key\":\"%s\"}\n" : "%s\n", text);
    return EXIT_DONE;
}

const struct ctl_command ctl_genkey = {
    .name = "genkey",
    .synopsis = "FILE",
    .summary = "make a private key",
    .details = "Writes a new private key to FILE, with mode 0600. FILE must not exist yet: a key is\n"
               "never overwritten. The key stays on the node's own host; its public key goes into\n"
               "peers.conf.\n\n"
               "  gossipctl genkey n001.key\n"
               "  gossipctl pubkey n001.key\n",
    .least = 1,
    .most = 1,
    .run = run_genkey,
};

const struct ctl_command ctl_pubkey = {
    .name = "pubkey",
    .synopsis = "FILE",
    .summary = "print the public key of a private key",
    .details = "Prints the public key, in base64, of the private key in FILE: the PublicKey of the\n"
               "node in peers.conf. FILE must not be readable by others (mode 0600).\n",
    .least = 1,
    .most = 1,
    .json = true,
    .run = run_pubkey,
};
