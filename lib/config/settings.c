/* The settings of a run: one table, read and written by the same lines. */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct gsp_option settings_options[] = {
    {.key = "rounds",
     .type = GSP_OPTION_COUNT,
     .minimum = 1,
     .maximum = 1e9,
     .unit = "rounds",
     .fallback = "800",
     .help = "rounds to train (T): a gradient step and its gossip steps each"},
    {.key = "gossip_steps",
     .type = GSP_OPTION_COUNT,
     .minimum = 0,
     .maximum = 1e6,
     .unit = "a round",
     .fallback = "4",
     .help = "gossip steps a round (Q): more brings the nodes closer together and sends more; 0 in simulations alone"},
    {.key = "eta",
     .type = GSP_OPTION_NUMBER,
     .choices = "auto",
     .minimum = 0,
     .maximum = 1e9,
     .fallback = "auto",
     .help = "step size of the gradient step; auto: from the greatest smoothness constant of all nodes' data"},
    {.key = "eta_decay",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 1,
     .fallback = "1",
     .help = "the step size of round t is eta * eta_decay^(t-1), and what eta_schedule makes of that"},
    {.key = "eta_schedule",
     .type = GSP_OPTION_CHOICE,
     .choices = "constant cosine",
     .fallback = "constant",
     .help = "constant, or cosine: times (1 + cos(pi (t-1)/rounds)) / 2, so that steps become ever smaller to the end"},
    {.key = "momentum",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 0.999999,
     .fallback = "0",
     .help = "quasi-global momentum (mu): a step also goes on in the direction in which gradients and neighbours have "
             "moved x; below 1; no byte more is sent"},
    {.key = "gamma",
     .type = GSP_OPTION_NUMBER,
     .choices = "auto",
     .minimum = 0,
     .maximum = 2,
     .fallback = "auto",
     .help = "consensus step size; auto: measured on this network with this compressor before the run"},
    {.key = "compressor",
     .type = GSP_OPTION_TEXT,
     .fallback = "qsgd:bits=4,bucket=128",
     .help = "what a node sends of d parameters; numbers of the width W: f64, f32 (the default) or bf16"},
    {.key = "objective",
     .type = GSP_OPTION_TEXT,
     .fallback = "softmax",
     .help = "what is fitted to each row of features and its target"},
    {.key = "classes",
     .type = GSP_OPTION_COUNT,
     .choices = "auto",
     .minimum = 2,
     .maximum = 1e6,
     .fallback = "auto",
     .help = "classes of softmax; auto: from all nodes' labels"},
    {.key = "l2",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 1e9,
     .fallback = "0",
     .help = "weight of the penalty (l2 / 2) |x|^2"},
    {.key = "batch",
     .type = GSP_OPTION_COUNT,
     .minimum = 0,
     .maximum = 1e12,
     .unit = "rows",
     .fallback = "0",
     .help = "rows of a stochastic gradient; 0: all rows, the full gradient"},
    {.key = "weight",
     .type = GSP_OPTION_CHOICE,
     .choices = "auto nodes rows rows:",
     .fallback = "auto",
     .help = "how nodes count: rows, by how many rows they have, as all rows in one place would; nodes, all alike, "
             "which is the "
             "paper's; auto: rows, but nodes for workers (a run that has begun shows rows:MEAN, of all nodes)"},
    {.key = "seed",
     .type = GSP_OPTION_COUNT,
     .minimum = 0,
     .maximum = 18446744073709551615.0,
     .fallback = "1",
     .help = "seed of all randomness: the same seed gives the same run, bit for bit"},
    {.key = "init",
     .type = GSP_OPTION_CHOICE,
     .choices = "auto zeros normal normal-same last worker file:",
     .fallback = "auto",
     .help =
         "where x starts: auto (zeros, or normal-same where the objective would not move from zeros; a worker's own "
         "point where it has one), zeros, normal (each node its own N(0, 1/d)), normal-same, last (the x of the run "
         "before), worker (each node's worker its own point) or file:PATH (npy)"},
    {.key = "checkpoint_every",
     .type = GSP_OPTION_COUNT,
     .minimum = 0,
     .maximum = 1e9,
     .unit = "rounds",
     .fallback = "25",
     .help = "rounds between checkpoints, from which a restarted node goes on; 0: only at the end, or when log_limit "
             "asks for one"},
    {.key = "log_limit",
     .type = GSP_OPTION_COUNT,
     .minimum = 0,
     .maximum = 1e15,
     .unit = "bytes",
     .fallback = "67108864",
     .help = "own messages that a node keeps for neighbours that must replay them: checkpoints come so often that they "
             "fit"},
    {.key = "on_peer_loss",
     .type = GSP_OPTION_CHOICE,
     .choices = "wait reweight",
     .fallback = "wait",
     .help = "when a neighbour is away: wait for it, so that nothing changes; or, after loss_time, go on without it "
             "(more than half of the nodes must be there) and take it in again when it is back"},
    {.key = "loss_time",
     .type = GSP_OPTION_NUMBER,
     .minimum = 30,
     .maximum = 86400,
     .unit = "seconds",
     .fallback = "60",
     .help = "how long a neighbour may be away before on_peer_loss=reweight goes on without it"},
    {.key = "target_loss",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 1e300,
     .fallback = "0",
     .help = "the run ends once the mean of the nodes' losses is at most this, at the same round everywhere; 0: never"},
    {.key = "timeout",
     .type = GSP_OPTION_NUMBER,
     .minimum = 0,
     .maximum = 86400,
     .unit = "seconds",
     .fallback = "30",
     .help = "how long a start waits for nodes that are missing"},
    {0},
};

const struct gsp_option *gsp_settings_options(void)
{
    return settings_options;
}

/* Where a setting lives in struct gsp_settings; in the order of the table. */
enum storage { COUNT, NUMBER, TEXT, INIT, PEER_LOSS, SCHEDULE, WEIGHT };
static const struct field {
    const char *key;
    enum storage storage;
    size_t offset;
    size_t word_offset; /* of the flag that "auto" stands for; 0: the value itself is then 0 */
} fields[] = {
    {"rounds", COUNT, offsetof(struct gsp_settings, rounds), 0},
    {"gossip_steps", COUNT, offsetof(struct gsp_settings, gossip_steps), 0},
    {"eta", NUMBER, offsetof(struct gsp_settings, eta), offsetof(struct gsp_settings, eta_auto)},
    {"eta_decay", NUMBER, offsetof(struct gsp_settings, eta_decay), 0},
    {"eta_schedule", SCHEDULE, offsetof(struct gsp_settings, eta_schedule), 0},
    {"momentum", NUMBER, offsetof(struct gsp_settings, momentum), 0},
    {"gamma", NUMBER, offsetof(struct gsp_settings, gamma), offsetof(struct gsp_settings, gamma_auto)},
    {"compressor", TEXT, offsetof(struct gsp_settings, compressor), 0},
    {"objective", TEXT, offsetof(struct gsp_settings, objective), 0},
    {"classes", COUNT, offsetof(struct gsp_settings, classes), 0},
    {"l2", NUMBER, offsetof(struct gsp_settings, l2), 0},
    {"batch", COUNT, offsetof(struct gsp_settings, batch), 0},
    {"weight", WEIGHT, offsetof(struct gsp_settings, weight), 0},
    {"seed", COUNT, offsetof(struct gsp_settings, seed), 0},
    {"init", INIT, offsetof(struct gsp_settings, init), 0},
    {"checkpoint_every", COUNT, offsetof(struct gsp_settings, checkpoint_every), 0},
    {"log_limit", COUNT, offsetof(struct gsp_settings, log_limit), 0},
    {"on_peer_loss", PEER_LOSS, offsetof(struct gsp_settings, reweight), 0},
    {"loss_time", NUMBER, offsetof(struct gsp_settings, loss_time), 0},
    {"target_loss", NUMBER, offsetof(struct gsp_settings, target_loss), 0},
    {"timeout", NUMBER, offsetof(struct gsp_settings, timeout), 0},
};
_Static_assert(sizeof((struct gsp_settings *)NULL)->compressor == sizeof((struct gsp_settings *)NULL)->objective,
               "a text has room for the same, whichever setting it is of");
_Static_assert(sizeof fields / sizeof *fields == sizeof settings_options / sizeof *settings_options - 1,
               "every setting has its field");

static const char *const init_names[] = {"auto", "zeros", "normal", "normal-same", "last", "worker", "file:"};

static const char *const weight_names[] = {"auto", "nodes", "rows"};

/* rows:MEAN is how a run that has begun says it. */
static int store_weight(struct gsp_settings *settings, const struct gsp_option *option, const char *value,
                        struct gsp_error *error)
{
    static const char resolved[] = "rows:";
    double mean = 0;
    bool with_mean = strncmp(value, resolved, strlen(resolved)) == 0;
    if (with_mean && (gsp_number_parse(&mean, value + strlen(resolved)) || !(mean > 0)))
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "%s=%.60s: a mean number of rows above 0 belongs there; leave it away and it is "
                             "worked out",
                             option->key, value);
    settings->weight = with_mean ? GSP_WEIGHT_ROWS : (enum gsp_weight)gsp__choice_index(option->choices, value);
    settings->mean_rows = mean;
    return 0;
}

static void format_weight(const struct gsp_settings *settings, char *text, size_t size)
{
    char mean[32] = "";
    if (settings->mean_rows > 0) gsp_number_format(mean, sizeof mean, settings->mean_rows);
    snprintf(text, size, "%s%s%s", weight_names[settings->weight], *mean ? ":" : "", mean);
}

static const struct field *find_field(const char *key)
{
    const struct field *field = fields;
    while (strcmp(field->key, key) != 0) field++; /* every option has one */
    return field;
}

static int store_text(char *to, size_t size, const struct gsp_option *option, const char *value,
                      struct gsp_error *error)
{
    if (strlen(value) >= size)
        return gsp_error_set(error, GSP_ERR_CONFIG, "%s: the value is longer than %zu characters", option->key,
                             size - 1);
    snprintf(to, size, "%s", value);
    return 0;
}

/* `value` has passed gsp_option_check. */
static int store(struct gsp_settings *settings, const struct gsp_option *option, const char *value,
                 struct gsp_error *error)
{
    const struct field *field = find_field(option->key);
    char *place = (char *)settings + field->offset;
    bool word = option->choices && strcmp(option->choices, value) == 0;
    uint64_t count = 0;
    double number = 0;
    enum gsp_init init;
    switch (field->storage) {
    case COUNT:
        if (!word) (void)gsp_count_parse(&count, value);
        memcpy(place, &count, sizeof count);
        break;
    case NUMBER:
        if (!word) (void)gsp_number_parse(&number, value);
        memcpy(place, &number, sizeof number);
        if (field->word_offset) memcpy((char *)settings + field->word_offset, &word, sizeof word);
        break;
    case TEXT:
        return store_text(place, sizeof settings->compressor, option, value, error);
    case PEER_LOSS:
        settings->reweight = gsp__choice_index(option->choices, value) == 1;
        break;
    case WEIGHT:
        return store_weight(settings, option, value, error);
    case SCHEDULE:
        settings->eta_schedule = (enum gsp_eta_schedule)gsp__choice_index(option->choices, value);
        break;
    case INIT:
        init = (enum gsp_init)gsp__choice_index(option->choices, value);
        int rc = store_text(settings->init_file, sizeof settings->init_file, option,
                            init == GSP_INIT_FILE ? value + strlen("file:") : "", error);
        if (rc) return rc;
        settings->init = init;
        break;
    }
    return 0;
}

void gsp_settings_default(struct gsp_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    for (const struct gsp_option *option = settings_options; option->key; option++)
        (void)store(settings, option, option->fallback, NULL);
}

static int set_pair(struct gsp_settings *settings, const char *key, const char *value, struct gsp_error *error)
{
    const struct gsp_option *option = gsp__option_find(settings_options, NULL, key);
    if (!option) {
        const char *near = gsp__option_suggest(settings_options, NULL, key);
        if (near)
            return gsp_error_set(error, GSP_ERR_CONFIG, "there is no setting '%.60s'; did you mean %s?", key, near);
        return gsp_error_set(error, GSP_ERR_CONFIG, "there is no setting '%.60s'", key);
    }
    char reason[400];
    if (gsp_option_check(option, value, reason, sizeof reason))
        return gsp_error_set(error, GSP_ERR_CONFIG, "%s", reason);
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ')
            return gsp_error_set(error, GSP_ERR_CONFIG, "%s: the value contains a control character", key);
    return store(settings, option, value, error);
}

int gsp_settings_set(struct gsp_settings *settings, const char *assignment, struct gsp_error *error)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment)
        return gsp_error_set(error, GSP_ERR_CONFIG, "'%.80s' is not a setting: write KEY=VALUE, as in rounds=200",
                             assignment);
    char key[64];
    snprintf(key, sizeof key, "%.*s", (int)(equals - assignment < 63 ? equals - assignment : 63), assignment);
    return set_pair(settings, key, equals + 1, error);
}

static void format_value(const struct gsp_settings *settings, const struct gsp_option *option, char *text, size_t size)
{
    const struct field *field = find_field(option->key);
    const char *place = (const char *)settings + field->offset;
    uint64_t count;
    double number;
    bool word = false;
    if (field->word_offset) memcpy(&word, (const char *)settings + field->word_offset, sizeof word);
    switch (field->storage) {
    case COUNT:
        memcpy(&count, place, sizeof count);
        if (count == 0 && option->choices)
            snprintf(text, size, "%s", option->choices);
        else
            snprintf(text, size, "%llu", (unsigned long long)count);
        break;
    case NUMBER:
        memcpy(&number, place, sizeof number);
        if (word)
            snprintf(text, size, "%s", option->choices);
        else
            gsp_number_format(text, size, number);
        break;
    case TEXT:
        snprintf(text, size, "%s", place);
        break;
    case PEER_LOSS:
        snprintf(text, size, "%s", settings->reweight ? "reweight" : "wait");
        break;
    case WEIGHT:
        format_weight(settings, text, size);
        break;
    case SCHEDULE:
        snprintf(text, size, "%s", settings->eta_schedule == GSP_ETA_COSINE ? "cosine" : "constant");
        break;
    case INIT:
        snprintf(text, size, "%s%s", init_names[settings->init], settings->init_file);
        break;
    }
}

char *gsp_settings_format(const struct gsp_settings *settings)
{
    struct gsp_buffer text = {0};
    for (const struct gsp_option *option = settings_options; option->key; option++) {
        char value[sizeof settings->init_file + 8], line[sizeof value + 80];
        format_value(settings, option, value, sizeof value);
        int length = snprintf(line, sizeof line, "%s=%s\n", option->key, value);
        if (gsp_buffer_append(&text, line, (size_t)length)) goto fail;
    }
    if (gsp_buffer_append(&text, "", 1)) goto fail;
    return (char *)text.data;
fail:
    gsp_buffer_clear(&text);
    return NULL;
}

int gsp_settings_parse(struct gsp_settings *settings, const char *text, struct gsp_error *error)
{
    struct gsp_settings read;
    bool given[sizeof fields / sizeof *fields] = {false};
    gsp_settings_default(&read);
    while (*text) {
        char line[sizeof read.init_file + 100];
        size_t length = strcspn(text, "\n");
        if (length >= sizeof line) return gsp_error_set(error, GSP_ERR_CONFIG, "a setting is too long");
        memcpy(line, text, length);
        line[length] = 0;
        text += length + (text[length] == '\n');
        int rc = gsp_settings_set(&read, line, error);
        if (rc) return rc;
        line[strcspn(line, "=")] = 0;
        size_t index = (size_t)(find_field(line) - fields);
        if (given[index]) return gsp_error_set(error, GSP_ERR_CONFIG, "the setting %s is given twice", line);
        given[index] = true;
    }
    *settings = read;
    return 0;
}
