/* Settings, numbers, endpoints, names and keys: what people write, and that what is written back is the same. */
#include <gossip/config.h>

#include "config_cases.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

static struct gsp_settings settings;
static struct gsp_error error;

static void fresh(void)
{
    gsp_settings_default(&settings);
    error = (struct gsp_error){0};
}

static void expect_refused(const char *assignment, const char *part)
{
    struct gsp_settings before = settings;
    ck_assert_int_eq(gsp_settings_set(&settings, assignment, &error), GSP_ERR_CONFIG);
    ck_assert_msg(strstr(error.message, part), "%s: %s", assignment, error.message);
    ck_assert_mem_eq(&before, &settings, sizeof settings);
}

START_TEST(defaults_are_the_tables)
{
    for (const struct gsp_option *option = gsp_settings_options(); option->key; option++) {
        char assignment[200], reason[400] = "";
        ck_assert_ptr_nonnull(option->help);
        ck_assert_ptr_nonnull(option->fallback);
        ck_assert_msg(gsp_option_check(option, option->fallback, reason, sizeof reason) == 0, "%s", reason);
        struct gsp_settings same = settings;
        snprintf(assignment, sizeof assignment, "%s=%s", option->key, option->fallback);
        ck_assert_int_eq(gsp_settings_set(&same, assignment, &error), 0);
        ck_assert_mem_eq(&same, &settings, sizeof same);
    }
    ck_assert(settings.eta_auto && settings.gamma_auto);
    ck_assert_uint_eq(settings.classes, 0);
    ck_assert_int_eq(settings.init, GSP_INIT_AUTO);
}
END_TEST

/* Every setting of the table is set here, and found in its own member. */
START_TEST(sets_values)
{
    static const char *const assignments[] = {
        "rounds=12",
        "gossip_steps=5",
        "eta=0.125",
        "eta_decay=0.75",
        "eta_schedule=cosine",
        "momentum=0.875",
        "gamma=1.5",
        "compressor=topk:fraction=0.1,values=f32",
        "objective=relu:some=thing",
        "classes=10",
        "l2=0.0625",
        "batch=77",
        "weight=rows:12.5",
        "seed=18446744073709551615",
        "init=file:a=b.npy",
        "checkpoint_every=9",
        "log_limit=4096",
        "on_peer_loss=reweight",
        "loss_time=31.5",
        "target_loss=0.3125",
        "timeout=2.5",
    };
    const size_t count = sizeof assignments / sizeof *assignments;
    for (const struct gsp_option *option = gsp_settings_options(); option->key; option++) {
        size_t i = 0, length = strlen(option->key);
        while (i < count && (strncmp(assignments[i], option->key, length) != 0 || assignments[i][length] != '=')) i++;
        ck_assert_msg(i < count, "no test sets %s", option->key);
    }
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(gsp_settings_set(&settings, assignments[i], &error) == 0, "%s", error.message);
    ck_assert_uint_eq(settings.rounds, 12);
    ck_assert_uint_eq(settings.gossip_steps, 5);
    ck_assert(!settings.eta_auto && settings.eta == 0.125);
    ck_assert_double_eq(settings.eta_decay, 0.75);
    ck_assert_int_eq(settings.eta_schedule, GSP_ETA_COSINE);
    ck_assert_double_eq(settings.momentum, 0.875);
    ck_assert(!settings.gamma_auto && settings.gamma == 1.5);
    ck_assert_str_eq(settings.compressor, "topk:fraction=0.1,values=f32");
    ck_assert_str_eq(settings.objective, "relu:some=thing");
    ck_assert_uint_eq(settings.classes, 10);
    ck_assert_double_eq(settings.l2, 0.0625);
    ck_assert_uint_eq(settings.batch, 77);
    ck_assert(settings.weight == GSP_WEIGHT_ROWS && settings.mean_rows == 12.5);
    ck_assert_uint_eq(settings.seed, UINT64_MAX);
    ck_assert(settings.init == GSP_INIT_FILE && !strcmp(settings.init_file, "a=b.npy"));
    ck_assert_uint_eq(settings.checkpoint_every, 9);
    ck_assert_uint_eq(settings.log_limit, 4096);
    ck_assert(settings.reweight && settings.loss_time == 31.5);
    ck_assert_double_eq(settings.target_loss, 0.3125);
    ck_assert_double_eq(settings.timeout, 2.5);
    ck_assert_int_eq(gsp_settings_set(&settings, "init=last", &error), 0);
    ck_assert(settings.init == GSP_INIT_LAST && !*settings.init_file);
    ck_assert_int_eq(gsp_settings_set(&settings, "weight=nodes", &error), 0);
    ck_assert(settings.weight == GSP_WEIGHT_NODES && settings.mean_rows == 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "gamma=auto", &error), 0);
    ck_assert(settings.gamma_auto);
    ck_assert_int_eq(gsp_settings_set(&settings, "on_peer_loss=wait", &error), 0);
    ck_assert(!settings.reweight);
}
END_TEST

START_TEST(refuses_with_a_remedy)
{
    expect_refused("ronds=3", "there is no setting 'ronds'; did you mean rounds?");
    expect_refused("checkpoint_never=3", "there is no setting 'checkpoint_never'");
    expect_refused("rounds", "write KEY=VALUE");
    expect_refused("=3", "write KEY=VALUE");
    expect_refused("rounds=", "rounds has no value");
    expect_refused("rounds=0", "out of range: give an integer from 1 to 1000000000 (rounds)");
    expect_refused("rounds=-1", "not such a number");
    expect_refused("rounds=1.5", "not such a number");
    expect_refused("rounds=99999999999999999999", "not such a number");
    expect_refused("rounds= 3", "not such a number");
    expect_refused("rounds=auto", "not such a number");
    expect_refused("seed=18446744073709551616", "give an integer not below 0");
    expect_refused("eta=-1", "out of range: give 'auto' or a number from 0 to 1000000000");
    expect_refused("eta=nan", "not such a number");
    expect_refused("eta=inf", "not such a number");
    expect_refused("eta=1e999", "not such a number");
    expect_refused("eta=0x1p3", "not such a number");
    expect_refused("eta=0,5", "not such a number");
    expect_refused("eta=1e", "not such a number");
    expect_refused("eta=.", "not such a number");
    expect_refused("on_peer_loss=reweigh", "did you mean reweight? Give one of wait reweight");
    expect_refused("eta_schedule=cos", "give one of constant cosine");
    expect_refused("weight=row", "did you mean rows?");
    expect_refused("weight=rows:0", "a mean number of rows above 0");
    expect_refused("momentum=1", "out of range: give a number from 0 to 0.999999");
    expect_refused("init=file:", "not known");
    expect_refused("init=a\nb", "not known");
    expect_refused("init=file:a\nrounds=7", "control character");
    expect_refused("compressor=a-compressor-whose-name-is-longer-than-any-that-there-could-be-0123456789", "longer");
}
END_TEST

static double any_double(struct gsp_stream *stream, double least, double most)
{
    double value;
    switch (gsp_stream_below(stream, 4)) {
    case 0:
        return least + gsp_stream_uniform(stream) * (most - least);
    case 1:
        return least + (double)gsp_stream_below(stream, 100) / 100 * (most - least);
    case 2:
        return most;
    default: /* any bits: subnormal numbers too */
        do {
            uint64_t bits = gsp_stream_u64(stream) >> 1;
            memcpy(&value, &bits, sizeof value);
        } while (!(value >= least && value <= most));
        return value;
    }
}

/* The choice at `index` of those that spaces part; one that ends in ':' goes on, rows: with a number, file: with a
 * path. */
static bool choose(const char *choices, size_t index, char *value, size_t size)
{
    while (index-- && *choices) {
        choices += strcspn(choices, " ");
        choices += strspn(choices, " ");
    }
    int length = (int)strcspn(choices, " ");
    const char *rest = strncmp(choices, "rows:", 5) == 0 ? "6666.5" : "/x y=.npy";
    snprintf(value, size, "%.*s%s", length, choices, length && choices[length - 1] == ':' ? rest : "");
    return length > 0;
}

/* A value that the option's row of the table allows, as it is written. */
static void any_value(struct gsp_stream *stream, const struct gsp_option *option, char *value, size_t size)
{
    uint64_t most = option->maximum < 18446744073709551615.0 ? (uint64_t)option->maximum : UINT64_MAX,
             least = (uint64_t)option->minimum, count = gsp_stream_u64(stream);
    bool numeric = option->type == GSP_OPTION_COUNT || option->type == GSP_OPTION_NUMBER;
    if (numeric && option->choices && gsp_stream_below(stream, 2)) {
        snprintf(value, size, "%s", option->choices);
        return;
    }
    switch (option->type) {
    case GSP_OPTION_COUNT:
        if (most - least < UINT64_MAX) count = least + gsp_stream_below(stream, most - least + 1);
        snprintf(value, size, "%llu", (unsigned long long)count);
        break;
    case GSP_OPTION_NUMBER:
        gsp_number_format(value, size, any_double(stream, option->minimum, option->maximum));
        break;
    case GSP_OPTION_TEXT:
        snprintf(value, size, "some:thing=%u", gsp_stream_u32(stream));
        break;
    case GSP_OPTION_YES_NO:
        snprintf(value, size, "%s", gsp_stream_below(stream, 2) ? "yes" : "no");
        break;
    case GSP_OPTION_CHOICE:
        while (!choose(option->choices, (size_t)gsp_stream_below(stream, 8), value, size)) continue;
        break;
    }
}

/* Whatever values the table allows: a line is written for each setting, with the value that was given, and read back
 * it gives the same settings. */
START_TEST(text_round_trips)
{
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct gsp_stream stream = test_stream(seed);
        struct gsp_settings one, two;
        char expected[4000], value[80];
        size_t at = 0;
        gsp_settings_default(&one);
        for (const struct gsp_option *option = gsp_settings_options(); option->key; option++) {
            char *line = expected + at;
            any_value(&stream, option, value, sizeof value);
            at += (size_t)snprintf(line, sizeof expected - at, "%s=%s", option->key, value);
            ck_assert_msg(gsp_settings_set(&one, line, &error) == 0, "%s", error.message);
            at += (size_t)snprintf(expected + at, sizeof expected - at, "\n");
        }
        char *text = gsp_settings_format(&one);
        ck_assert_str_eq(text, expected);
        ck_assert_msg(gsp_settings_parse(&two, text, &error) == 0, "seed %llu: %s", (unsigned long long)seed,
                      error.message);
        char *again = gsp_settings_format(&two);
        ck_assert_str_eq(text, again);
        free(text);
        free(again);
    }
}
END_TEST

START_TEST(parsing_is_strict)
{
    struct gsp_settings before = settings;
    ck_assert_int_eq(gsp_settings_parse(&settings, "rounds=3\nrounds=4\n", &error), GSP_ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(error.message, "twice"));
    ck_assert_int_eq(gsp_settings_parse(&settings, "rounds=3\nfoo=4\n", &error), GSP_ERR_CONFIG);
    ck_assert_int_eq(gsp_settings_parse(&settings, "rounds=3\n\n", &error), GSP_ERR_CONFIG);
    char line[1000] = "init=file:";
    memset(line + strlen(line), 'a', 900);
    ck_assert_int_eq(gsp_settings_parse(&settings, line, &error), GSP_ERR_CONFIG);
    ck_assert_mem_eq(&before, &settings, sizeof settings);
    ck_assert_int_eq(gsp_settings_parse(&settings, "rounds=3", &error), 0);
    ck_assert_uint_eq(settings.rounds, 3);
}
END_TEST

START_TEST(numbers_are_short_and_exact)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},       {500, "500"},    {0.1, "0.1"},       {1.0 / 3, "0.3333333333333333"},     {1e300, "1e+300"},
        {-2.5, "-2.5"}, {1e-5, "1e-05"}, {5e-324, "5e-324"}, {123456789012345, "123456789012345"}};
    char text[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gsp_number_format(text, sizeof text, cases[i].value);
        ck_assert_str_eq(text, cases[i].text);
        double back;
        ck_assert_int_eq(gsp_number_parse(&back, text), 0);
        ck_assert_mem_eq(&back, &cases[i].value, sizeof back);
    }
}
END_TEST

START_TEST(every_bit_of_a_number_survives)
{
    struct gsp_stream stream = test_stream(1);
    for (int trial = 0; trial < 20000; trial++) {
        char text[32];
        double value = any_double(&stream, 0, 1e300), back;
        gsp_number_format(text, sizeof text, value);
        ck_assert_int_eq(gsp_number_parse(&back, text), 0);
        ck_assert_mem_eq(&back, &value, sizeof back);
    }
}
END_TEST

/* A program that embeds the library may have set a locale with decimal commas. */
START_TEST(numbers_ignore_the_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR", NULL};
    for (size_t i = 0; names[i]; i++) {
        if (!setlocale(LC_ALL, names[i])) continue;
        char text[32];
        double value;
        gsp_number_format(text, sizeof text, 0.5);
        ck_assert_str_eq(text, "0.5");
        ck_assert_int_eq(gsp_number_parse(&value, "0.5"), 0);
        ck_assert_double_eq(value, 0.5);
        setlocale(LC_ALL, "C");
    }
}
END_TEST

START_TEST(endpoints)
{
    char host[254], reason[300];
    uint16_t port;
    static const struct {
        const char *text, *host;
        uint16_t port;
    } good[] = {{"a.example:7400", "a.example", 7400},
                {"127.0.0.1:1", "127.0.0.1", 1},
                {"[::1]:65535", "::1", 65535},
                {"[fe80::1%eth0]:80", "fe80::1%eth0", 80},
                {"n_1-x:22", "n_1-x", 22}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(gsp_endpoint_parse(host, &port, good[i].text, reason, sizeof reason) == 0, "%s", reason);
        ck_assert_str_eq(host, good[i].host);
        ck_assert_uint_eq(port, good[i].port);
    }
    static const char *const bad[] = {"",       "a",       "a:",      ":7400",    "a:0",      "a:65536", "a:7400x",
                                      "::1:80", "[::1]80", "[::1:80", "[]:80",    "a b:80",   "[a]:80x", "a/b:1",
                                      "[::1]:", "a:+1",    "a: 1",    "[::1]x:1", "[x::1]:1", "a%b:1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(gsp_endpoint_parse(host, &port, bad[i], reason, sizeof reason) == GSP_ERR_CONFIG, "'%s'", bad[i]);
    char longest[300];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 254, ":80", 4);
    ck_assert_int_eq(gsp_endpoint_parse(host, &port, longest, reason, sizeof reason), GSP_ERR_CONFIG);
    memcpy(longest + 253, ":80", 4);
    ck_assert_int_eq(gsp_endpoint_parse(host, &port, longest, reason, sizeof reason), 0);
}
END_TEST

START_TEST(names)
{
    static const char *const good[] = {"n001", "a", "0", "a-b.c", "aaaaaaaaaabbbbbbbbbbccccccccccdd"};
    static const char *const bad[] = {
        "", "A", "a_b", "a b", ".", "..", "-a", "a/b", "aaaaaaaaaabbbbbbbbbbccccccccccddd"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) ck_assert_msg(gsp_name_valid(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) ck_assert_msg(!gsp_name_valid(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(keys)
{
    uint8_t key[GSP_KEY_BYTES], back[GSP_KEY_BYTES];
    char text[45], padded[60];
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct gsp_stream stream = test_stream(seed);
        gsp_stream_bytes(&stream, key, sizeof key);
        gsp_key_encode(text, key);
        ck_assert_uint_eq(strlen(text), 44);
        snprintf(padded, sizeof padded, " \t%s\r\n", text);
        ck_assert_int_eq(gsp_key_decode(back, padded, strlen(padded), &error), 0);
        ck_assert_mem_eq(key, back, sizeof key);
        ck_assert_int_eq(gsp_key_decode(back, text, 43, &error), GSP_ERR_CONFIG);
        text[gsp_stream_below(&stream, 43)] = '*';
        memset(back, 7, sizeof back);
        ck_assert_int_eq(gsp_key_decode(back, text, 44, &error), GSP_ERR_CONFIG);
        ck_assert_int_eq(back[0], 7);
        ck_assert_ptr_null(strstr(error.message, text)); /* it may be a private key */
    }
    ck_assert_int_eq(gsp_key_decode(back, "", 0, &error), GSP_ERR_CONFIG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("settings");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, fresh, NULL);
    tcase_add_test(all, defaults_are_the_tables);
    tcase_add_test(all, sets_values);
    tcase_add_test(all, refuses_with_a_remedy);
    tcase_add_test(all, text_round_trips);
    tcase_add_test(all, parsing_is_strict);
    tcase_add_test(all, numbers_are_short_and_exact);
    tcase_add_test(all, every_bit_of_a_number_survives);
    tcase_add_test(all, numbers_ignore_the_locale);
    tcase_add_test(all, endpoints);
    tcase_add_test(all, names);
    tcase_add_test(all, keys);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
