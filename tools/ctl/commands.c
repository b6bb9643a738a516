/* The table of commands: the parser, --help and the manual follow it. */
#include "ctl.h"

static const struct ctl_option init_options[] = {
    {"--nodes", "N", "how many nodes; they are named n001, n002, ..."},
    {"--topology", "T", "ring, torus, grid, star, complete, hypercube or random:degree=4,seed=1"},
    {"--dir", "D", "the folder to make the network in; it may hold no network yet"},
    {"--data", "SPEC", COMMON_DATA_HELP},
    {"--sort-labels", NULL, "sort the rows by label before they are cut into shards, so that no node sees all classes"},
    {"--base-port", "P", "all on this host: the nodes listen on 127.0.0.1, ports P, P+1, ... (default 7401)"},
    {"--endpoints", "E",
     "each on a host or in a container of its own: HOST:PORT of every node in turn, separated by "
     "commas, or one HOST:PORT with %s for the node's name"},
    {"--listen", "A:P", "with --endpoints: what every node listens on (default: its endpoint's port on 0.0.0.0)"},
    {"--name", "NAME", "the network's name (default gossip)"},
    {"--weights", "W", "metropolis (the default) or uniform, the weights of neighbours in the mixing matrix"},
    {0},
};

const struct ctl_command ctl_commands[] = {
    {.name = "genkey",
     .synopsis = "FILE",
     .summary = "make a private key",
     .details = "Writes a new private key to FILE, with mode 0600. FILE must not exist yet: a key is\n"
                "never overwritten. The key stays on the node's own host; its public key goes into\n"
                "peers.conf.\n\n"
                "  gossipctl genkey n001.key\n"
                "  gossipctl pubkey n001.key\n",
     .least = 1,
     .most = 1,
     .run = ctl_genkey},
    {.name = "pubkey",
     .synopsis = "FILE",
     .summary = "print the public key of a private key",
     .details = "Prints the public key, in base64, of the private key in FILE: the PublicKey of the\n"
                "node in peers.conf. FILE must not be readable by others (mode 0600).\n",
     .least = 1,
     .most = 1,
     .json = true,
     .run = ctl_pubkey},
    {.name = "init",
     .synopsis = "--nodes N --topology T --dir D [OPTION...]",
     .summary = "make a network: peers.conf, and keys, configuration and data of every node",
     .details = "Makes the files of a network that runs as it is: D/peers.conf, the same for all, and\n"
                "for every node a folder D/NAME with its gossipd.conf, its key NAME.key and, with\n"
                "--data, its rows: shard.npz (floor(rows / N) each, the last takes the rest) and\n"
                "test.npz. Nothing is overwritten, and after a failure nothing is left behind.\n"
                "\n"
                "Nine nodes on this host, no node with all labels:\n"
                "  gossipctl init --nodes 9 --topology torus --dir net --sort-labels \\\n"
                "      --data train=x.npy,labels=y.npy,test=xt.npy,testlabels=yt.npy,bias=yes\n"
                "\n"
                "Three hosts; copy net/peers.conf and a node's folder to each, side by side:\n"
                "  gossipctl init --nodes 3 --topology ring --dir net \\\n"
                "      --endpoints a.example:7400,b.example:7400,c.example:7400\n"
                "\n"
                "Containers that find each other by the names of the nodes:\n"
                "  gossipctl init --nodes 9 --topology torus --dir net --endpoints %s:7400\n",
     .options = init_options,
     .json = true,
     .run = ctl_init},
    {.name = "version",
     .synopsis = "",
     .summary = "print the version",
     .details = "Prints the version of gossipctl and of the protocol between nodes.\n",
     .json = true,
     .run = ctl_version},
    {.name = "help",
     .synopsis = "[COMMAND]",
     .summary = "explain a command",
     .details = "Explains a command, or lists them all.\n",
     .most = 1,
     .run = ctl_help},
    {0},
};
