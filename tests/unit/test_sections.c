/* Sections: what an earlier version wrote is taken, what a later one wrote is passed over or refused by name. */
#include <check.h>
#include <stdlib.h>

#include "base/sections.h"

#include "unit/run_suite.h"
#include "unit/section_cases.h"

struct thing {
    uint64_t a, b, c;
};

static int put_a(const void *from, struct gsp_buffer *out)
{
    return gsp_buffer_append_u64(out, ((const struct thing *)from)->a);
}

static int take_a(void *into, struct gsp__reader *reader)
{
    ((struct thing *)into)->a = gsp__read_u64(reader);
    return 0;
}

static bool has_b(const void *from)
{
    return ((const struct thing *)from)->b;
}

static int put_b(const void *from, struct gsp_buffer *out)
{
    return gsp_buffer_append_u64(out, ((const struct thing *)from)->b);
}

/* b stands on a, which is read before it. */
static int take_b(void *into, struct gsp__reader *reader)
{
    struct thing *thing = into;
    thing->b = gsp__read_u64(reader);
    return thing->b < thing->a ? GSP_ERR_FORMAT : 0;
}

/* Version 1 counted from 1 on. */
static int take_c_1(void *into, struct gsp__reader *reader)
{
    ((struct thing *)into)->c = gsp__read_u64(reader) - 1;
    return 0;
}

static int put_c(const void *from, struct gsp_buffer *out)
{
    return gsp_buffer_append_u64(out, ((const struct thing *)from)->c);
}

static int take_c(void *into, struct gsp__reader *reader)
{
    ((struct thing *)into)->c = gsp__read_u64(reader);
    return 0;
}

static const struct gsp__section TABLE[] = {
    {.name = "a", .version = 1, .flags = GSP__SECTION_NEEDED, .put = put_a, .take = take_a},
    {.name = "b", .version = 1, .flags = GSP__SECTION_SKIP, .has = has_b, .put = put_b, .take = take_b},
    {.name = "c_is_big", .version = 1, .take = take_c_1},
    {.name = "c_is_big", .version = 2, .put = put_c, .take = take_c},
};
enum { COUNT = sizeof TABLE / sizeof *TABLE };

static void put_number(struct gsp_buffer *out, const char *name, uint32_t version, uint32_t flags, uint8_t number)
{
    const uint8_t contents[8] = {number};
    put_section(out, name, version, flags, contents, sizeof contents);
}

static int read_all(struct thing *out, const struct gsp_buffer *bytes, struct gsp_error *error)
{
    struct gsp__sections found;
    int rc = gsp__sections_find(&found, TABLE, COUNT, bytes->data, bytes->length, error);
    return rc ? rc : gsp__sections_take(&found, TABLE, COUNT, out, error);
}

static void refused(struct gsp_buffer *bytes, int code, const char *text)
{
    struct thing thing;
    struct gsp_error error = {0};
    ck_assert_int_eq(read_all(&thing, bytes, &error), code);
    ck_assert_msg(strstr(error.message, text), "not '%s' but: %s", text, error.message);
    gsp_buffer_clear(bytes);
}

START_TEST(written_as_documented)
{
    const struct thing thing = {7, 8, 9}, without_b = {7, 0, 9};
    struct gsp_buffer bytes = {0}, want = {0};
    ck_assert_int_eq(gsp__sections_put(TABLE, COUNT, &thing, &bytes), 0);
    put_number(&want, "a", 1, 0, 7);
    put_number(&want, "b", 1, 1, 8);
    put_number(&want, "c_is_big", 2, 0, 9);
    ck_assert_uint_eq(bytes.length, want.length);
    ck_assert_mem_eq(bytes.data, want.data, want.length);
    bytes.length = 0;
    ck_assert_int_eq(gsp__sections_put(TABLE, COUNT, &without_b, &bytes), 0);
    ck_assert_ptr_null(find_section(&bytes, 0, "b"));
    ck_assert_ptr_nonnull(find_section(&bytes, 0, "c_is_big"));
    gsp_buffer_clear(&bytes);
    gsp_buffer_clear(&want);
}
END_TEST

/* In any order; rows are taken in the table's, so b finds a. */
START_TEST(read_back)
{
    struct thing thing = {0};
    struct gsp_buffer bytes = {0};
    put_number(&bytes, "c_is_big", 2, 0, 9);
    put_number(&bytes, "b", 1, 1, 8);
    put_number(&bytes, "a", 1, 0, 7);
    ck_assert_int_eq(read_all(&thing, &bytes, NULL), 0);
    ck_assert(thing.a == 7 && thing.b == 8 && thing.c == 9);
    bytes.data[2 * 32 + 24] = 9; /* a > b */
    refused(&bytes, GSP_ERR_FORMAT, "section b: malformed");
}
END_TEST

/* Fewer sections, and an older version of one: what is not there stays. */
START_TEST(earlier_versions_are_read)
{
    struct thing thing = {.b = 55};
    struct gsp_buffer bytes = {0};
    put_number(&bytes, "a", 1, 0, 7);
    put_number(&bytes, "c_is_big", 1, 0, 10);
    ck_assert_int_eq(read_all(&thing, &bytes, NULL), 0);
    ck_assert(thing.a == 7 && thing.b == 55 && thing.c == 9);
    gsp_buffer_clear(&bytes);
    put_number(&bytes, "b", 1, 1, 8);
    refused(&bytes, GSP_ERR_FORMAT, "section a is lacking");
}
END_TEST

START_TEST(later_versions_are_passed_over_or_refused_by_name)
{
    struct thing thing = {0};
    struct gsp_buffer bytes = {0};
    put_number(&bytes, "momentum", 1, 1, 3);
    put_number(&bytes, "a", 1, 0, 7);
    put_number(&bytes, "b", 2, 1, 8);
    ck_assert_int_eq(read_all(&thing, &bytes, NULL), 0);
    ck_assert(thing.a == 7 && thing.b == 0);
    put_number(&bytes, "momentum", 3, 0, 3);
    refused(&bytes, GSP_ERR_FOREIGN, "section momentum, version 3,");
    put_number(&bytes, "a", 2, 0, 7); /* known by name, not by version */
    refused(&bytes, GSP_ERR_FOREIGN, "section a, version 2,");
    put_number(&bytes, "a", 1, 2, 7); /* with a flag that nobody has thought of yet */
    refused(&bytes, GSP_ERR_FOREIGN, "section a, version 1,");
}
END_TEST

START_TEST(malformed_ones_are_refused)
{
    struct gsp_buffer bytes = {0};
    put_number(&bytes, "a", 1, 0, 7);
    put_number(&bytes, "a", 1, 0, 7);
    refused(&bytes, GSP_ERR_FORMAT, "section a is there twice");
    put_number(&bytes, "a", 1, 0, 7);
    put_number(&bytes, "c_is_big", 1, 0, 7);
    put_number(&bytes, "c_is_big", 2, 0, 7);
    refused(&bytes, GSP_ERR_FORMAT, "section c_is_big is there twice");
    put_section(&bytes, "a", 1, 0, "123456789", 9);
    refused(&bytes, GSP_ERR_FORMAT, "section a: malformed");
    put_section(&bytes, "a", 1, 0, "1234567", 7);
    refused(&bytes, GSP_ERR_FORMAT, "section a: malformed");
    put_section(&bytes, "", 1, 1, "", 0);
    refused(&bytes, GSP_ERR_FORMAT, "its sections are damaged");
    put_section(&bytes, "a\nb", 1, 1, "", 0); /* the name goes into messages */
    refused(&bytes, GSP_ERR_FORMAT, "its sections are damaged");
    put_number(&bytes, "a", 1, 0, 7);
    bytes.data[3] = 'x'; /* behind the end of the name */
    refused(&bytes, GSP_ERR_FORMAT, "its sections are damaged");
}
END_TEST

START_TEST(cut_ones_are_refused)
{
    struct gsp_buffer bytes = {0};
    put_number(&bytes, "b", 1, 1, 8);
    put_number(&bytes, "a", 1, 0, 7);
    for (size_t cut = 0; cut < bytes.length; cut++) {
        struct thing thing;
        uint8_t *copy = malloc(cut ? cut : 1); /* of its exact size, for the sanitizers */
        memcpy(copy, bytes.data, cut);
        ck_assert_int_eq(read_all(&thing, &(struct gsp_buffer){.data = copy, .length = cut}, NULL), GSP_ERR_FORMAT);
        free(copy);
    }
    memset(bytes.data + 16, 0xff, 8); /* a length beyond all bytes */
    refused(&bytes, GSP_ERR_FORMAT, "its sections are damaged");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sections");
    TCase *tests = tcase_create("sections");
    tcase_add_test(tests, written_as_documented);
    tcase_add_test(tests, read_back);
    tcase_add_test(tests, earlier_versions_are_read);
    tcase_add_test(tests, later_versions_are_passed_over_or_refused_by_name);
    tcase_add_test(tests, malformed_ones_are_refused);
    tcase_add_test(tests, cut_ones_are_refused);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
