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
    ck_assert_int_eq(settings.init, GSP_INIT_ZEROS);
}
END_TEST

START_TEST(sets_values)
{
    ck_assert_int_eq(gsp_settings_set(&settings, "rounds=12", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "eta=0.125", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "gamma=1", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "gamma=auto", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "objective=relu", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "classes=10", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "seed=18446744073709551615", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "init=file:a=b.npy", &error), 0);
    ck_assert_int_eq(gsp_settings_set(&settings, "compressor=topk:fraction=0.1,values=f32", &error), 0);
    ck_assert_uint_eq(settings.rounds, 12);
    ck_assert(!settings.eta_auto && settings.gamma_auto);
    ck_assert_double_eq(settings.eta, 0.125);
    ck_assert_int_eq(settings.objective, GSP_RELU);
    ck_assert_uint_eq(settings.classes, 10);
    ck_assert_uint_eq(settings.seed, UINT64_MAX);
    ck_assert_int_eq(settings.init, GSP_INIT_FILE);
    ck_assert_str_eq(settings.init_file, "a=b.npy");
    ck_assert_str_eq(settings.compressor, "topk:fraction=0.1,values=f32");
    ck_assert_int_eq(gsp_settings_set(&settings, "init=last", &error), 0);
    ck_assert_int_eq(settings.init, GSP_INIT_LAST);
    ck_assert_str_eq(settings.init_file, "");
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
    expect_refused("objective=softmx", "did you mean softmax? Give one of linear logistic softmax relu");
    expect_refused("init=file:", "not known");
    expect_refused("init=a\nb", "not known");
    expect_refused("init=file:a\nrounds=7", "control character");
    expect_refused("compressor=a-compressor-whose-name-is-longer-than-any-that-there-could-be-0123456789", "longer");
}
END_TEST

static double any_double(struct gsp_stream *stream, double most)
{
    double value;
    switch (gsp_stream_below(stream, 4)) {
    case 0:
        return gsp_stream_uniform(stream) * most;
    case 1:
        return (double)gsp_stream_below(stream, 100) / 100 * most;
    case 2:
        return most;
    default: /* any bits: subnormal numbers too */
        do {
            uint64_t bits = gsp_stream_u64(stream) >> 1;
            memcpy(&value, &bits, sizeof value);
        } while (!(value <= most));
        return value;
    }
}

static struct gsp_settings random_settings(struct gsp_stream *stream)
{
    struct gsp_settings s = {0};
    s.rounds = 1 + gsp_stream_below(stream, 1000000000);
    s.gossip_steps = gsp_stream_below(stream, 1000001);
    s.eta_auto = gsp_stream_below(stream, 2);
    s.gamma_auto = gsp_stream_below(stream, 2);
    s.eta = s.eta_auto ? 0 : any_double(stream, 1e9);
    s.gamma = s.gamma_auto ? 0 : any_double(stream, 2);
    s.eta_decay = any_double(stream, 1);
    s.l2 = any_double(stream, 1e9);
    s.timeout = any_double(stream, 86400);
    s.checkpoint_every = gsp_stream_below(stream, 1000000001);
    s.log_limit = gsp_stream_below(stream, 1000000000000001);
    s.reweight = gsp_stream_below(stream, 2);
    s.loss_time = 30 + gsp_stream_uniform(stream) * 1000;
    snprintf(s.compressor, sizeof s.compressor, "qsgd:bits=%u", gsp_stream_u32(stream));
    s.objective = (enum gsp_objective_kind)gsp_stream_below(stream, 4);
    s.classes = gsp_stream_below(stream, 2) ? 0 : 2 + gsp_stream_below(stream, 999999);
    s.batch = gsp_stream_below(stream, 1000000000001);
    s.seed = gsp_stream_u64(stream);
    s.init = (enum gsp_init)gsp_stream_below(stream, 5);
    if (s.init == GSP_INIT_FILE) snprintf(s.init_file, sizeof s.init_file, "/x %u=.npy", gsp_stream_u32(stream));
    return s;
}

/* Every bit of every number survives being written and read. */
START_TEST(text_round_trips)
{
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct gsp_stream stream = test_stream(seed);
        struct gsp_settings one = random_settings(&stream), two;
        char *text = gsp_settings_format(&one);
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(gsp_settings_parse(&two, text, &error) == 0, "seed %llu: %s", (unsigned long long)seed,
                      error.message);
        char *again = gsp_settings_format(&two);
        ck_assert_str_eq(text, again);
        ck_assert_msg(
            one.rounds == two.rounds && one.gossip_steps == two.gossip_steps && one.eta_auto == two.eta_auto &&
                one.gamma_auto == two.gamma_auto && memcmp(&one.eta, &two.eta, sizeof one.eta) == 0 &&
                memcmp(&one.gamma, &two.gamma, sizeof one.gamma) == 0 &&
                memcmp(&one.eta_decay, &two.eta_decay, sizeof one.eta_decay) == 0 &&
                memcmp(&one.l2, &two.l2, sizeof one.l2) == 0 &&
                memcmp(&one.timeout, &two.timeout, sizeof one.timeout) == 0 && one.objective == two.objective &&
                one.classes == two.classes && one.batch == two.batch && one.seed == two.seed && one.init == two.init &&
                strcmp(one.init_file, two.init_file) == 0 && strcmp(one.compressor, two.compressor) == 0,
            "seed %llu:\n%s", (unsigned long long)seed, text);
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
    tcase_add_test(all, numbers_ignore_the_locale);
    tcase_add_test(all, endpoints);
    tcase_add_test(all, names);
    tcase_add_test(all, keys);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
