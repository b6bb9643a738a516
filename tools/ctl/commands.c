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

static const struct ctl_option check_options[] = {
    {"-c", "FILE", "the file to check, as gossipd takes it; FILE alone will do"},
    {"--compressor", "C", "the compressor to print the safe gamma for (default: that of the settings)"},
    {"--dimension", "D", "the number of parameters to print it for (default 10000)"},
    {0},
};

static const struct ctl_option start_options[] = {
    {"--wait", NULL, "show the progress and end when the run is over on all nodes: 0 done, 1 failed or stopped"},
    {0},
};

static const struct ctl_option stop_options[] = {
    {"--now", NULL,
     "end the run at once, wherever each node is, without a result; init=last goes on from the run before, unless some "
     "node had just finished this one"},
    {0},
};

static const struct ctl_option status_options[] = {
    {"--all", NULL, "a row for each node of the network, as far as this node has heard of it"},
    {0},
};

static const struct ctl_option dump_options[] = {
    {"--out", "FILE.npy", "the file to write; it is replaced as a whole or not at all"},
    {0},
};

static const struct ctl_option history_options[] = {
    {"--csv", NULL, "print CSV, as in the file history.csv of the daemon's State folder"},
    {"--last", "N", "only the last N rounds"},
    {0},
};

static const struct ctl_option plot_options[] = {
    {"--out", "FILE", "draw with gnuplot into FILE, an svg or png by its name (default: a chart in the terminal)"},
    {"--x", "WHAT",
     "what to draw against: round (the default), bytes (sent to all neighbours, everything included), payload (sent to "
     "one neighbour, encoded) or seconds"},
    {"--title", "TEXT", "what to write above (default: how many nodes, which run, which rounds)"},
    {0},
};

static const struct ctl_option eval_options[] = {
    {"--data", "SPEC", COMMON_DATA_HELP},
    {0},
};

static const struct ctl_option help_options[] = {
    {"--manual", NULL, "print the manual page, in mdoc, instead"},
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
    {.name = "check",
     .synopsis = "[-c] FILE",
     .summary = "check a gossipd.conf or peers.conf and say what it means",
     .details = "Reads a peers.conf, or a gossipd.conf with all files that it names, as gossipd would\n"
                "before it starts, and says what it means: who the neighbours are, how far apart the\n"
                "nodes are, how fast they agree (delta, beta), the hash that all hosts must share, and\n"
                "the consensus step size that theory holds safe. All problems are told at once, each\n"
                "with its file and line; the exit code is then 78.\n"
                "\n"
                "  gossipctl check net/peers.conf\n"
                "  gossipctl check -c net/n001/gossipd.conf --json\n",
     .options = check_options,
     .most = 1,
     .json = true,
     .run = ctl_check},
    {.name = "start",
     .synopsis = "[KEY=VALUE...] [--wait]",
     .summary = "begin a run on all nodes",
     .details = "Begins to train on all nodes of the network, with the settings given and the defaults of\n"
                "the others. It waits until every node is there and ready (setting timeout), works out\n"
                "what is left to `auto`, and says what it came to. Any node will do to start from.\n\n"
                "init=file:PATH.npy is read by every node on its own host; a relative path counts from its\n"
                "gossipd.conf. The file must lie in the folder of gossipd.conf or of peers.conf, or below:\n"
                "nowhere else, since any listed node may start a run.\n\n"
                "  gossipctl start --wait\n"
                "  gossipctl start objective=logistic rounds=200 compressor=topk:fraction=0.05\n",
     .options = start_options,
     .most = -1,
     .json = true,
     .settings = true,
     .run = ctl_start},
    {.name = "stop",
     .synopsis = "[--now]",
     .summary = "end the run, at the same round on all nodes",
     .details = "All nodes end the run some rounds from now, at one and the same round, and keep their\n"
                "parameters: `dump` writes them, and init=last goes on from them.\n",
     .options = stop_options,
     .json = true,
     .run = ctl_stop},
    {.name = "status",
     .synopsis = "[--all]",
     .summary = "show what the daemon, or the whole network, is doing",
     .details = "Shows the run, its progress and what the node waits for. Any node can tell about all.\n",
     .options = status_options,
     .json = true,
     .run = ctl_status},
    {.name = "peers",
     .synopsis = "",
     .summary = "show the links to the neighbours",
     .details = "Shows the links to the neighbours, and why one is not up.\n",
     .json = true,
     .run = ctl_peers},
    {.name = "history",
     .synopsis = "[--last N] [--csv]",
     .summary = "show how the last run went, a line for every round",
     .details = "Shows for every round of this node's last run, from 0, the start, on: its loss on its own\n"
                "rows, the accuracy on test data where it was evaluated (every few seconds, and at the\n"
                "end), the consensus error, the payload sent to one neighbour, the bytes sent and received\n"
                "on the sockets, the seconds spent on gradients, on coding and in waiting, and those since\n"
                "the run's first step. A daemon keeps it in history.csv in its State folder; there\n"
                "the next run takes its place.\n\n"
                "  gossipctl history --last 20\n"
                "  gossipctl history --csv >run7.csv\n",
     .options = history_options,
     .json = true,
     .run = ctl_history},
    {.name = "plot",
     .synopsis = "[SOCKET|FILE.csv...] [--x WHAT] [--out FILE]",
     .summary = "draw loss and consensus error, of several nodes if need be",
     .details = "Draws the loss, the consensus error and, with --out, the accuracy of this node's last run.\n"
                "With control sockets or CSV files (history.csv of daemons, histories of gossip-sim) as\n"
                "operands it draws those, all in one plot. Without --out it is a chart as wide as the\n"
                "terminal; pictures take gnuplot (Debian: gnuplot-nox).\n\n"
                "  gossipctl plot\n"
                "  gossipctl plot --x bytes --out loss.svg\n"
                "  gossipctl plot net/*/state/control.sock --title 'nine nodes' --out nodes.png\n",
     .options = plot_options,
     .most = -1,
     .run = ctl_plot},
    {.name = "eval",
     .synopsis = "--data SPEC",
     .summary = "loss and accuracy of the parameters on other data",
     .details = "Takes this node's parameters x, as `dump` does, and tells their loss (l2 included) and\n"
                "their accuracy, or mean squared error for regression, on the rows of other files. What\n"
                "is given as train and as test is only evaluated; nothing is trained.\n\n"
                "  gossipctl eval --data train=new.npy,labels=new-labels.npy,bias=yes\n",
     .options = eval_options,
     .json = true,
     .run = ctl_eval},
    {.name = "reload",
     .synopsis = "",
     .summary = "read peers.conf anew, without a restart",
     .details = "The daemon reads its peers.conf anew. Endpoints that have changed count at once, and a\n"
                "node that is listed no more is cut off at once. The rest takes effect when no run is\n"
                "going on: until then `status` says what it waits for. Nothing changes if the file has\n"
                "problems: all of them are told, each with its line; the exit code is then 78.\n"
                "\n"
                "All hosts need the same file. Copy it to each and reload there, in any order: hosts with\n"
                "different files refuse each other, and connect within seconds when the second has\n"
                "reloaded. SIGHUP does the same, and only the log tells what came of it.\n\n"
                "  gossipctl check net/peers.conf && gossipctl reload\n",
     .json = true,
     .run = ctl_reload},
    {.name = "dump",
     .synopsis = "x|z --out FILE.npy",
     .summary = "write the parameters to a file",
     .details = "Writes this node's parameters x, or z, the copy of them that its neighbours hold, as\n"
                "float64 of shape (d). Softmax parameters are classes x features, row by row, the bias\n"
                "last. While a run goes on it is the state after the step in hand.\n\n"
                "  gossipctl dump x --out x.npy\n",
     .options = dump_options,
     .least = 1,
     .most = 1,
     .json = true,
     .run = ctl_dump},
    {.name = "health",
     .synopsis = "",
     .summary = "0 if the daemon answers and its run has not failed, else 1",
     .details = "For a container engine or a monitor: exit code 0 if the daemon answers and its run has\n"
                "not failed, else 1, with a line that says why.\n",
     .json = true,
     .run = ctl_health},
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
     .options = help_options,
     .most = 1,
     .run = ctl_help},
    {0},
};
