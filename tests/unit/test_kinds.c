/* The tables of compressors, objectives and codings: each entry is read, refused, written, explained and documented.
 * Nothing here names one: a new entry is tested by being in its table. */
#include "algo/coding.h"
#include "unit/compress_cases.h"
#include "unit/run_suite.h"

#include <gossip/data.h>

#include <stdio.h>

union target {
    struct gsp_compressor compressor;
    struct gsp_objective_choice objective;
};

static const struct {
    const char *what;
    const struct gsp_kind *const *(*kinds)(void);
} tables[] = {{"compressor", gsp_compressor_kinds}, {"objective", gsp_objective_kinds}};
enum { TABLES = sizeof tables / sizeof *tables };

/* Reads `text` as the program does. */
static int read_kind(int table, const char *text, union target *target, struct gsp_error *error)
{
    if (tables[table].kinds == gsp_compressor_kinds) return gsp_compressor_parse(&target->compressor, text, error);
    return gsp_objective_parse(&target->objective, text, error);
}

static void expect_refused(int table, const char *text, const char *part)
{
    union target target;
    struct gsp_error error = {0};
    ck_assert_msg(read_kind(table, text, &target, &error) == GSP_ERR_CONFIG, "%s passes", text);
    ck_assert_msg(strstr(error.message, part) && strstr(error.message, text), "%s lacks %s", error.message, part);
}

START_TEST(names_and_examples_are_read_and_come_back)
{
    for (const struct gsp_kind *const *kind = tables[_i].kinds(); *kind; kind++) {
        union target target;
        struct gsp_error error = {0};
        char text[64];
        ck_assert_ptr_eq(gsp_kind_find(tables[_i].kinds(), (*kind)->name), *kind);
        ck_assert_msg(read_kind(_i, (*kind)->example, &target, &error) == 0, "%s", error.message);
        gsp_kind_format(*kind, &target, text, sizeof text);
        ck_assert_str_eq(text, (*kind)->example);
        ck_assert(strlen((*kind)->help) > 5);
    }
}
END_TEST

/* The example, without one of its items. */
static void without(char *text, size_t size, const struct gsp_kind *kind, const char *key)
{
    char copy[64] = "", separator = ':', *rest = copy;
    const char *items = strchr(kind->example, ':');
    size_t at = (size_t)snprintf(text, size, "%s", kind->name);
    if (items) snprintf(copy, sizeof copy, "%s", items + 1);
    for (char *item; *copy && (item = strsep(&rest, ","));) {
        size_t length = strcspn(item, "=");
        if (strlen(key) == length && strncmp(item, key, length) == 0) continue;
        at += (size_t)snprintf(text + at, size - at, "%c%s", separator, item);
        separator = ',';
    }
}

/* The example with this value of a parameter, and no other. */
static const char *with(const struct gsp_kind *kind, const char *key, const char *value)
{
    static char text[160];
    char rest[80] = "";
    without(rest, sizeof rest, kind, key);
    snprintf(text, sizeof text, "%s%c%s%s%s", rest, strchr(rest, ':') ? ',' : ':', key, *value ? "=" : "", value);
    return text;
}

static const char *twice(const char *once, const char *key, const char *value)
{
    static char text[320];
    snprintf(text, sizeof text, "%s,%s%s%s", once, key, *value ? "=" : "", value);
    return text;
}

static void wrong_values(int table, const struct gsp_kind *kind, const struct gsp_parameter *parameter)
{
    const char *key = parameter->key;
    char most[32], text[160];
    gsp_number_format(most, sizeof most, 2 * parameter->maximum);
    static const char *const never[] = {"0", "-1", "nan", "inf", "0x1", "1e", " 1", "1 ", "x"};
    if (parameter->type == GSP_PARAMETER_FLAG) {
        expect_refused(table, with(kind, key, "1"), "takes no value");
    } else {
        for (size_t i = 0; i < sizeof never / sizeof *never; i++) expect_refused(table, with(kind, key, never[i]), key);
        snprintf(text, sizeof text, "%s lacks its value", key);
        expect_refused(table, with(kind, key, ""), text);
    }
    if (parameter->type == GSP_PARAMETER_NUMBER || parameter->type == GSP_PARAMETER_COUNT)
        expect_refused(table, with(kind, key, most), key);
    if (parameter->type == GSP_PARAMETER_COUNT) expect_refused(table, with(kind, key, "1.5"), "must be an integer");
}

START_TEST(every_parameter_is_checked)
{
    for (const struct gsp_kind *const *kind = tables[_i].kinds(); *kind; kind++) {
        char text[160];
        for (const struct gsp_parameter *p = (*kind)->parameters; p->key; p++) {
            wrong_values(_i, *kind, p);
            without(text, sizeof text, *kind, p->key);
            union target target;
            if (p->required)
                expect_refused(_i, text, p->key);
            else
                ck_assert_msg(read_kind(_i, text, &target, NULL) == 0, "%s", text);
            ck_assert((p->type == GSP_PARAMETER_FLAG) == !p->letter);
            char once[160];
            const char *value = p->type == GSP_PARAMETER_FLAG ? "" : p->words ? p->words[0] : "1";
            snprintf(once, sizeof once, "%s", with(*kind, p->key, value));
            expect_refused(_i, twice(once, p->key, value), "given twice");
        }
        expect_refused(_i, with(*kind, "unheard-of", "1"), "unknown key");
        char advice[64];
        snprintf(text, sizeof text, "%sx", (*kind)->name);
        snprintf(advice, sizeof advice, "did you mean \"%s\"?", (*kind)->name);
        expect_refused(_i, text, advice);
    }
    expect_refused(_i, "", "unknown name");
}
END_TEST

static void draw(struct gsp_stream *stream, const struct gsp_parameter *p, char *value, size_t size)
{
    double share = 1 - gsp_stream_uniform(stream);
    if (p->type == GSP_PARAMETER_NUMBER) gsp_number_format(value, size, share * p->maximum);
    if (p->type == GSP_PARAMETER_COUNT) snprintf(value, size, "%.0f", ceil(share * p->maximum));
    if (p->type == GSP_PARAMETER_FLAG) *value = 0;
    if (!p->words) return;
    size_t words = 0;
    while (p->words[words]) words++;
    snprintf(value, size, "%s", p->words[gsp_stream_below(stream, words)]);
}

/* Values that were drawn, each other parameter as in the example, to the last bit. */
START_TEST(written_text_reads_back)
{
    struct gsp_stream stream;
    uint8_t key[32];
    start_stream(&stream, key, 3);
    for (const struct gsp_kind *const *kind = tables[_i].kinds(); *kind; kind++)
        for (const struct gsp_parameter *p = (*kind)->parameters; p->key; p++)
            for (int trial = 0; trial < 100; trial++) {
                union target one, two;
                char value[64] = "", text[64], again[64];
                draw(&stream, p, value, sizeof value);
                memset(&one, 0x55, sizeof one);
                memset(&two, 0xaa, sizeof two);
                if (read_kind(_i, with(*kind, p->key, value), &one, NULL)) continue; /* they do not go together */
                gsp_kind_format(*kind, &one, text, sizeof text);
                ck_assert_msg(read_kind(_i, text, &two, NULL) == 0, "%s", text);
                gsp_kind_format(*kind, &two, again, sizeof again);
                ck_assert_str_eq(text, again);
                ck_assert_msg(strlen(text) < sizeof text - 1, "%s may be cut", text);
                size_t width = p->type == GSP_PARAMETER_FLAG   ? sizeof(bool)
                               : p->type == GSP_PARAMETER_WORD ? sizeof(int)
                                                               : 8;
                ck_assert_mem_eq((char *)&one + p->offset, (char *)&two + p->offset, width);
                ck_assert_msg(!p->required || strstr(text, value), "%s lacks %s", text, value);
            }
}
END_TEST

START_TEST(usage_tells_every_parameter)
{
    for (const struct gsp_kind *const *kind = tables[_i].kinds(); *kind; kind++) {
        char usage[128], item[64];
        gsp_kind_usage(*kind, usage, sizeof usage);
        ck_assert_msg(strncmp(usage, (*kind)->name, strlen((*kind)->name)) == 0, "%s", usage);
        for (const struct gsp_parameter *p = (*kind)->parameters; p->key; p++) {
            ck_assert(!p->required || p == (*kind)->parameters || p[-1].required);
            snprintf(item, sizeof item, "%s%s%s", p->key, p->letter ? "=" : "", p->letter ? p->letter : "");
            ck_assert_msg(strstr(usage, item), "%s lacks %s", usage, item);
        }
    }
}
END_TEST

/* The vectors and texts that the codec's tests share have something of every compressor. */
START_TEST(every_compressor_has_cases)
{
    for (const struct gsp_kind *const *kind = gsp_compressor_kinds(); *kind; kind++) {
        bool found = false;
        for (size_t i = 0; i < COMPRESSORS; i++) {
            const struct gsp_compressor compressor = parsed(every_compressor[i]);
            found |= compressor.kind == *kind;
        }
        ck_assert_msg(found, "no test has %s: add it to compress_cases.h", (*kind)->name);
    }
}
END_TEST

/* ---- the documents ---- */

static char *document(const char *path)
{
    char *text = calloc(1, 100000);
    FILE *file = fopen(path, "r");
    ck_assert_msg(text && file && fread(text, 1, 99999, file) > 0, "%s can't be read", path);
    fclose(file);
    return text;
}

START_TEST(every_kind_has_a_row_in_the_algorithm)
{
    char *text = document(TEST_SOURCE "/doc/algorithm.md"), row[64];
    for (const struct gsp_kind *const *kind = tables[_i].kinds(); *kind; kind++) {
        size_t length = (size_t)snprintf(row, sizeof row, "\n| %s", (*kind)->name);
        const char *at = strstr(text, row);
        ck_assert_msg(at && strchr(" :[", at[length]), "doc/algorithm.md has no row of %s", (*kind)->name);
    }
    free(text);
}
END_TEST

START_TEST(every_coding_has_a_row_in_the_payload)
{
    char *text = document(TEST_SOURCE "/doc/payload.md"), row[64];
    for (const struct gsp__coding_entry *coding = gsp__codings; coding->number; coding++) {
        snprintf(row, sizeof row, "\n| %u | %s | ", coding->number, coding->name);
        ck_assert_msg(strstr(text, row), "doc/payload.md has no row %s", row + 1);
        ck_assert_ptr_eq(gsp__coding_find(coding->number), coding); /* numbers are given once */
    }
    ck_assert_ptr_null(gsp__coding_find(0));
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kinds");
    TCase *test_case = tcase_create("kinds");
    tcase_add_loop_test(test_case, names_and_examples_are_read_and_come_back, 0, TABLES);
    tcase_add_loop_test(test_case, every_parameter_is_checked, 0, TABLES);
    tcase_add_loop_test(test_case, written_text_reads_back, 0, TABLES);
    tcase_add_loop_test(test_case, usage_tells_every_parameter, 0, TABLES);
    tcase_add_test(test_case, every_compressor_has_cases);
    tcase_add_loop_test(test_case, every_kind_has_a_row_in_the_algorithm, 0, TABLES);
    tcase_add_test(test_case, every_coding_has_a_row_in_the_payload);
    suite_add_tcase(suite, test_case);
    return run_suite(suite);
}
