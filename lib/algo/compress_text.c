/* Compressors as text: "topk:fraction=0.1,values=f32". */
#include <gossip/algo.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 200 };
enum key { FRACTION, P, UNBIASED, BITS, BUCKET, VALUES, KEYS };
#define KEY(k) (1u << (k))

static const char *const key_names[KEYS + 1] = {"fraction", "p", "unbiased", "bits", "bucket", "values", NULL};
static const char *const kind_names[] = {"none", "topk", "randk", "dropout", "qsgd", "sign", NULL};
static const char *const value_names[] = {"f64", "f32", "bf16", NULL};

/* The keys of each kind, the required among them, and an example for messages. */
static const struct {
    unsigned allowed, required;
    const char *example;
} grammar[] = {
    [GSP_NONE] = {KEY(VALUES), 0, "none"},
    [GSP_TOPK] = {KEY(FRACTION) | KEY(VALUES), KEY(FRACTION), "topk:fraction=0.1"},
    [GSP_RANDK] = {KEY(FRACTION) | KEY(VALUES), KEY(FRACTION), "randk:fraction=0.1"},
    [GSP_DROPOUT] = {KEY(P) | KEY(UNBIASED) | KEY(VALUES), KEY(P), "dropout:p=0.5"},
    [GSP_QSGD] = {KEY(BITS) | KEY(BUCKET) | KEY(VALUES), KEY(BITS), "qsgd:bits=4,bucket=128"},
    [GSP_SIGN] = {KEY(BUCKET) | KEY(VALUES), 0, "sign:bucket=128"},
};

static int find(const char *const *names, const char *word)
{
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], word) == 0) return i;
    }
    return -1;
}

/* unknown key "fracton" (did you mean "fraction"?); write for example ... */
static int unknown(struct gsp_error *error, const char *what, const char *word, const char *const *known,
                   const char *example)
{
    const char *near = gsp_suggest(word, known);
    return gsp_error_set(error, GSP_ERR_CONFIG, "unknown %s \"%s\"%s%s%s; write for example %s", what, word,
                         near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "", example);
}

static int set_share(double *out, const char *key, const char *value, struct gsp_error *error)
{
    if (gsp_number_parse(out, value) || !(*out > 0 && *out <= 1)) {
        return gsp_error_set(error, GSP_ERR_CONFIG, "%s=%s must be a number above 0, at most 1", key, value);
    }
    return 0;
}

static int set_count(uint64_t *out, const char *key, const char *value, uint64_t most, struct gsp_error *error)
{
    if (gsp_count_parse(out, value) || *out < 1 || *out > most) {
        return gsp_error_set(error, GSP_ERR_CONFIG, "%s=%s must be an integer from 1 to %ju", key, value,
                             (uintmax_t)most);
    }
    return 0;
}

static int set_key(struct gsp_compressor *c, enum key key, const char *value, struct gsp_error *error)
{
    uint64_t count;
    int rc = 0;
    switch (key) {
    case FRACTION:
        return set_share(&c->fraction, key_names[key], value, error);
    case P:
        return set_share(&c->p, key_names[key], value, error);
    case UNBIASED:
        c->unbiased = true;
        return 0;
    case BITS:
        rc = set_count(&count, key_names[key], value, 16, error);
        if (!rc) c->bits = (unsigned)count;
        return rc;
    case BUCKET:
        rc = set_count(&count, key_names[key], value, UINT32_MAX, error);
        if (!rc) c->bucket = (size_t)count;
        return rc;
    case VALUES:
        rc = find(value_names, value);
        if (rc < 0) return unknown(error, "width of values", value, value_names, "values=f32 (f64, f32 or bf16)");
        c->values = (enum gsp_values)rc;
        return 0;
    case KEYS:
        break;
    }
    assert(!"a key of the table");
    return 0;
}

/* One "key=value", or the word "unbiased". */
static int set_item(struct gsp_compressor *c, char *item, unsigned *given, struct gsp_error *error)
{
    char *value = strchr(item, '=');
    if (value) *value++ = 0;
    const char *example = grammar[c->kind].example, *own[KEYS + 1] = {NULL};
    for (int i = 0, n = 0; i < KEYS; i++) {
        if (grammar[c->kind].allowed & KEY(i)) own[n++] = key_names[i];
    }
    int key = find(own, item) < 0 ? -1 : find(key_names, item);
    if (key < 0) {
        char what[32];
        snprintf(what, sizeof what, "key of %s", kind_names[c->kind]);
        return unknown(error, what, item, own, example);
    }
    if (*given & KEY(key)) return gsp_error_set(error, GSP_ERR_CONFIG, "%s is given twice", item);
    if (key == UNBIASED && value) return gsp_error_set(error, GSP_ERR_CONFIG, "unbiased takes no value");
    if (key != UNBIASED && !value)
        return gsp_error_set(error, GSP_ERR_CONFIG, "%s lacks its value; write %s=...", item, item);
    *given |= KEY(key);
    return set_key(c, (enum key)key, value, error);
}

static int parse(struct gsp_compressor *c, char *text, struct gsp_error *error)
{
    char *items = strchr(text, ':');
    if (items) *items++ = 0;
    int kind = find(kind_names, text);
    if (kind < 0) return unknown(error, "name", text, kind_names, "topk:fraction=0.1 or qsgd:bits=4,bucket=128");
    *c = (struct gsp_compressor){.kind = (enum gsp_compressor_kind)kind, .values = GSP_F32};
    unsigned given = 0;
    while (items) {
        char *item = items;
        items = strchr(items, ',');
        if (items) *items++ = 0;
        int rc = set_item(c, item, &given, error);
        if (rc) return rc;
    }
    for (int i = 0; i < KEYS; i++) {
        if (grammar[kind].required & ~given & KEY(i)) {
            return gsp_error_set(error, GSP_ERR_CONFIG, "%s lacks %s; write for example %s", kind_names[kind],
                                 key_names[i], grammar[kind].example);
        }
    }
    if (c->unbiased && c->p <= 0.5) {
        return gsp_error_set(error, GSP_ERR_CONFIG,
                             "unbiased dropout with p=%g never contracts: it needs p above 0.5; without \"unbiased\" "
                             "any p works",
                             c->p);
    }
    return 0;
}

int gsp_compressor_parse(struct gsp_compressor *out, const char *text, struct gsp_error *error)
{
    char copy[LONGEST + 1];
    struct gsp_compressor parsed;
    if (strlen(text) > LONGEST) {
        return gsp_error_set(error, GSP_ERR_CONFIG, "compressor: the text is longer than %d characters", LONGEST);
    }
    memcpy(copy, text, strlen(text) + 1);
    int rc = parse(&parsed, copy, error);
    if (rc) {
        gsp_error_prefix(error, "compressor \"%s\"", text);
        return rc;
    }
    *out = parsed;
    return 0;
}

void gsp_compressor_format(const struct gsp_compressor *c, char *text, size_t size)
{
    char items[LONGEST] = "", number[32];
    size_t at = 0;
    unsigned allowed = grammar[c->kind].allowed;
    if (allowed & (KEY(FRACTION) | KEY(P))) {
        gsp_number_format(number, sizeof number, allowed & KEY(P) ? c->p : c->fraction);
        at += (size_t)snprintf(items + at, sizeof items - at, ",%s=%s", allowed & KEY(P) ? "p" : "fraction", number);
    }
    if (c->unbiased) at += (size_t)snprintf(items + at, sizeof items - at, ",unbiased");
    if (allowed & KEY(BITS)) at += (size_t)snprintf(items + at, sizeof items - at, ",bits=%u", c->bits);
    if (c->bucket) at += (size_t)snprintf(items + at, sizeof items - at, ",bucket=%zu", c->bucket);
    if (c->values != GSP_F32) {
        at += (size_t)snprintf(items + at, sizeof items - at, ",values=%s", value_names[c->values]);
    }
    snprintf(text, size, "%s%s%s", kind_names[c->kind], at ? ":" : "", at ? items + 1 : "");
}
