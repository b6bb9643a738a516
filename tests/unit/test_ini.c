/* The INI parser: what it takes, and that every problem of a file is told in one pass. */
#include "lib/config/ini.h"

#include "config_cases.h"

#include <stdlib.h>

static const struct gsp_option options[] = {
    {.section = "One", .key = "Text", .type = GSP_OPTION_TEXT, .required = true, .help = "some text"},
    {.section = "One", .key = "Count", .type = GSP_OPTION_COUNT, .minimum = 1, .maximum = 9, .help = "a count"},
    {.section = "One", .key = "Flag", .type = GSP_OPTION_YES_NO, .help = "a flag"},
    {.section = "Many",
     .key = "Kind",
     .type = GSP_OPTION_CHOICE,
     .choices = "red green file:",
     .required = true,
     .repeatable = true,
     .help = "a kind"},
    {.section = "Many",
     .key = "Number",
     .type = GSP_OPTION_NUMBER,
     .choices = "auto",
     .minimum = -1,
     .maximum = 1,
     .repeatable = true,
     .help = "a number"},
    {0},
};

static struct gsp__ini ini;
static struct gsp_problems problems;

static int parse_bytes(const char *text, size_t length)
{
    return gsp__ini_parse(&ini, options, "f", text, length, &problems);
}

static int parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void clear(void)
{
    gsp__ini_clear(&ini);
    gsp_problems_clear(&problems);
}

static const char *value(size_t section, const char *key)
{
    const struct gsp__ini_entry *entry = gsp__ini_find(&ini.sections[section], key);
    return entry ? entry->value : NULL;
}

START_TEST(reads_what_is_right)
{
    ck_assert_int_eq(parse("# a comment\r\n"
                           "\n"
                           "[One]   # more\r\n"
                           "Text = two words#not a comment # one\r\n"
                           "\tCount=7\n"
                           "[Many]\n"
                           "Kind = file:a b\n"
                           "  [ Many ]  \n"
                           "Number = auto\n"
                           "Kind = green"),
                     0);
    expect_count(&problems, 0);
    ck_assert_uint_eq(ini.count, 3);
    ck_assert_str_eq(value(0, "Text"), "two words#not a comment");
    ck_assert_str_eq(value(0, "Count"), "7");
    ck_assert_ptr_null(value(0, "Flag"));
    ck_assert_str_eq(value(1, "Kind"), "file:a b");
    ck_assert_ptr_null(value(1, "Number"));
    ck_assert_str_eq(value(2, "Number"), "auto");
    ck_assert_int_eq(ini.sections[2].line, 8);
    ck_assert_int_eq(gsp__ini_find(&ini.sections[2], "Kind")->line, 10);
}
END_TEST

START_TEST(tells_every_problem_with_its_line)
{
    ck_assert_int_eq(parse("Early = 1\n"
                           "[On]\n"
                           "Anything = x\n"
                           "[One\n"
                           "[One]\n"
                           "Count = 10\n"
                           "Count = 3\n"
                           "Flag = maybe\n"
                           "Txt = a\n"
                           "Kind = red\n"
                           "just words\n"
                           "[Many]\n"
                           "Kind = gren\n"
                           "Number = 1,5\n"
                           "[Many]\n"
                           "Number = 2\n"
                           "[One]\n"
                           "Flag =\n"),
                     GSP_ERR_CONFIG);
    expect_problem(&problems, "f:1: ", "before any [section]");
    expect_problem(&problems, "f:2: ", "did you mean [One]?");
    expect_problem(&problems, "f:4: ", "closing ']'");
    expect_problem(&problems, "f:6: ", "Count = 10 is out of range: give an integer from 1 to 9");
    expect_problem(&problems, "f:7: ", "given twice in this [One]: first on line 6");
    expect_problem(&problems, "f:8: ", "neither yes nor no");
    expect_problem(&problems, "f:9: ", "no key 'Txt'; did you mean Text?");
    expect_problem(&problems, "f:10: ", "belongs in [Many]");
    expect_problem(&problems, "f:11: ", "neither [section] nor key = value");
    expect_problem(&problems, "f:13: ", "did you mean green?");
    expect_problem(&problems, "f:14: ", "Number = 1,5 is not such a number: give 'auto' or a number from -1 to 1");
    expect_problem(&problems, "f:15: ", "lacks Kind");
    expect_problem(&problems, "f:16: ", "out of range");
    expect_problem(&problems, "f:17: ", "a second [One]: the first is on line 5");
    expect_problem(&problems, "f:18: ", "Flag is given twice");
    expect_problem(&problems, "f:5: ", "lacks Text: some text");
    expect_count(&problems, 16);
}
END_TEST

START_TEST(tells_absent_sections)
{
    ck_assert_int_eq(parse(""), GSP_ERR_CONFIG);
    expect_problem(&problems, "f: ", "there is no [One], which must give Text");
    expect_count(&problems, 1);
}
END_TEST

START_TEST(refuses_what_is_no_text)
{
    static const char nul[] = "[One]\nText = a\0b\n";
    ck_assert_int_eq(parse_bytes(nul, sizeof nul - 1), GSP_ERR_CONFIG);
    expect_problem(&problems, "f:2: ", "column 9 holds the control character 0x00");
    clear();
    ck_assert_int_eq(parse("\xef\xbb\xbf[One]\nText = a\n"), GSP_ERR_CONFIG);
    expect_problem(&problems, "f:1: ", "byte order mark");
    expect_count(&problems, 1);
    clear();
    char line[6000] = "[One]\nText = ";
    memset(line + strlen(line), 'a', sizeof line - strlen(line) - 1);
    ck_assert_int_eq(parse_bytes(line, sizeof line - 1), GSP_ERR_CONFIG);
    expect_problem(&problems, "f:2: ", "longer than 4096");
}
END_TEST

START_TEST(stops_when_it_is_enough)
{
    enum { LINES = 2000 };
    char text[2 * LINES];
    for (size_t i = 0; i < LINES; i++) memcpy(text + 2 * i, "x\n", 2);
    ck_assert_int_eq(parse_bytes(text, sizeof text), GSP_ERR_LIMIT);
    expect_problem(&problems, "f:40: ", "that is enough");
    expect_count(&problems, GSP__INI_PROBLEMS + 1);
}
END_TEST

/* Whatever the bytes, the parser ends, leaks nothing, and either finds a problem or a file with all it needs. */
START_TEST(survives_any_bytes)
{
    static const char *const pieces[] = {"[One]", "[Many]", "Text", "Kind", "Number", "=",  " ", "\n", "\r\n", "#",
                                         "]",     "[",      "red",  "1e9",  "\t",     "\0", "é", "0",  "-1",   ","};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct gsp_stream stream = test_stream(seed);
        struct gsp_buffer text = {0};
        for (size_t i = gsp_stream_below(&stream, 80); i > 0; i--) {
            const char *piece = pieces[gsp_stream_below(&stream, PIECES)];
            ck_assert_int_eq(gsp_buffer_append(&text, piece, *piece ? strlen(piece) : 1), 0);
        }
        int rc = parse_bytes((const char *)text.data, text.length);
        ck_assert_msg((rc == 0) == (problems.count == 0), "seed %llu", (unsigned long long)seed);
        ck_assert_msg(rc || (ini.count > 0 && value(0, "Kind")) || value(0, "Text"), "seed %llu",
                      (unsigned long long)seed);
        gsp_buffer_clear(&text);
        clear();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ini");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, NULL, clear);
    tcase_add_test(all, reads_what_is_right);
    tcase_add_test(all, tells_every_problem_with_its_line);
    tcase_add_test(all, tells_absent_sections);
    tcase_add_test(all, refuses_what_is_no_text);
    tcase_add_test(all, stops_when_it_is_enough);
    tcase_add_test(all, survives_any_bytes);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
