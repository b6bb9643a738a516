#include "commands.h"

#include <string.h>

const struct gsp_commands daemon_commands = {
    .start = "gossipctl start",
    .stop = "gossipctl stop",
    .stop_now = "gossipctl stop --now",
    .reload = "gossipctl reload",
    .status_all = "gossipctl status --all",
    .peers = "gossipctl peers",
    .dump_x = "gossipctl dump x",
    .run_node = "gossipd",
};

const char *commands_of_option(const struct gsp_option *option)
{
    if (strcmp(option->key, "PrivateKey") == 0) return "; `gossipctl genkey FILE` makes it";
    if (strcmp(option->key, "PublicKey") == 0) return "; `gossipctl pubkey FILE` prints it";
    return "";
}
