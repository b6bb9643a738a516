/* libgossip-worker against a daemon that the test plays: the worker is a child process, the daemon is here. */
#include "unit/run_suite.h"
#include "worker/client_cases.h"
#include "worker/fake.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { D = FAKE_DIMENSION };

START_TEST(hello_says_what_the_model_is)
{
    struct fake fake = fake_start(CLIENT_PLAIN);
    Gossipd__WorkerMessage *message = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_HELLO);
    const Gossipd__WorkerHello *hello = message->hello;
    ck_assert_uint_eq(hello->version_min, 1);
    ck_assert_uint_eq(hello->version_max, 1);
    ck_assert_str_eq(hello->model, "test");
    ck_assert_uint_eq(hello->dimension, D);
    ck_assert_uint_eq(hello->dtype, GOSSIPD__WORKER_DTYPE__WORKER_F64);
    ck_assert_str_eq(hello->fingerprint, "check");
    ck_assert(hello->evaluates && !hello->inline_vectors);
    ck_assert_uint_eq(hello->state_max, sizeof(struct client_state));
    ck_assert_uint_eq(hello->x0_digest.len, 16);
    fake_done_with(message);
    close(fake.end);
    fake_ended(&fake, 0);
}
END_TEST

START_TEST(load_gives_the_very_state)
{
    struct fake fake = fake_start(CLIENT_PLAIN);
    fake_greet(&fake);
    fake_init(&fake, 1, 7);
    memset(fake.x, 0, D * sizeof *fake.x);
    fake_train(&fake, 1, 3);
    uint8_t state[sizeof(struct client_state)];
    double half[D], whole[D];
    memcpy(state, fake.state, sizeof state);
    memcpy(half, fake.x, sizeof half);
    fake_train(&fake, 4, 6);
    memcpy(whole, fake.x, sizeof whole);
    fake_stop(&fake);
    fake_ended(&fake, 0);

    fake = fake_start(CLIENT_PLAIN);
    fake_greet(&fake);
    fake_init(&fake, 1, 7);
    fake_load(&fake, 3, state, sizeof state);
    memcpy(fake.x, half, sizeof half);
    fake_train(&fake, 4, 6);
    ck_assert_mem_eq(fake.x, whole, sizeof whole);
    fake_load(&fake, 0, NULL, 0); /* as after INIT */
    memset(fake.x, 0, D * sizeof *fake.x);
    fake_train(&fake, 1, 6);
    ck_assert_mem_eq(fake.x, whole, sizeof whole);
    fake_init(&fake, 2, 7); /* a second run */
    memset(fake.x, 0, D * sizeof *fake.x);
    fake_train(&fake, 1, 6);
    ck_assert_mem_eq(fake.x, whole, sizeof whole);
    fake_init(&fake, 3, 8);
    memset(fake.x, 0, D * sizeof *fake.x);
    fake_train(&fake, 1, 6);
    ck_assert_mem_ne(fake.x, whole, sizeof whole);
    fake_stop(&fake);
    fake_ended(&fake, 0);
}
END_TEST

START_TEST(evaluation_and_metrics)
{
    struct fake fake = fake_start(CLIENT_PLAIN);
    fake_greet(&fake);
    fake_init(&fake, 1, 7);
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT, *got;
    Gossipd__WorkerEval body = GOSSIPD__WORKER_EVAL__INIT;
    body.round = 5;
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_EVAL;
    message.eval = &body;
    fake.x[1] = 0.25;
    fake_tell(&fake, &message);
    got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_RESULT);
    ck_assert_uint_eq(got->result->round, 5);
    ck_assert_uint_eq(got->result->n_metrics, 1);
    ck_assert_str_eq(got->result->metrics[0]->name, "accuracy");
    ck_assert_double_eq(got->result->metrics[0]->value, 0.25);
    fake_done_with(got);
    fake_ask(&fake, 1, 2, false);
    got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_DONE);
    ck_assert_uint_eq(got->done->attempt, 2);
    ck_assert_uint_eq(got->done->n_metrics, 1);
    ck_assert_str_eq(got->done->metrics[0]->name, "count");
    ck_assert_uint_eq(got->done->rows, 4);
    ck_assert(!got->done->has_loss);
    fake_done_with(got);
    close(fake.end); /* the daemon is gone: the end of a worker that it has started */
    fake_ended(&fake, 0);
}
END_TEST

START_TEST(inline_vectors)
{
    struct fake fake = fake_start(CLIENT_INLINE);
    Gossipd__WorkerMessage *got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_HELLO);
    ck_assert(got->hello->inline_vectors);
    fake_done_with(got);
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    Gossipd__WorkerWelcome body = GOSSIPD__WORKER_WELCOME__INIT;
    body.version = 1;
    body.node = (char[]){"n001"};
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_WELCOME;
    message.welcome = &body;
    fake_tell(&fake, &message);
    double room[D] = {0, 0, 3};
    fake.vector = room; /* where init looks for x0 */
    fake_init(&fake, 1, 7);
    double x[D] = {1, 2, 3};
    Gossipd__WorkerStep step = GOSSIPD__WORKER_STEP__INIT;
    step.round = step.attempt = 1;
    step.eta = 0.5;
    step.save = true;
    step.has_x = true;
    step.x = (ProtobufCBinaryData){.data = (uint8_t *)x, .len = sizeof x};
    message.body_case = GOSSIPD__WORKER_MESSAGE__BODY_STEP;
    message.step = &step;
    fake_tell(&fake, &message);
    got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_DONE);
    ck_assert_uint_eq(got->done->vector.len, sizeof x);
    ck_assert_mem_ne(got->done->vector.data, x, sizeof x);
    ck_assert_uint_eq(got->done->state.len, sizeof(struct client_state));
    fake_done_with(got);
    step.x.len--;
    fake_tell(&fake, &message);
    fake_done_with(fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_ERROR));
    fake_ended(&fake, -GSP_WORKER_ERR_PROTOCOL);
}
END_TEST

START_TEST(failures_and_busy)
{
    struct fake fake = fake_start(CLIENT_FAILS);
    fake_greet(&fake);
    fake_init(&fake, 1, 7);
    fake_ask(&fake, 1, 1, false);
    Gossipd__WorkerMessage *got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_BUSY);
    ck_assert_double_eq(got->busy->seconds, 2.5);
    fake_done_with(got);
    got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_ERROR);
    ck_assert_uint_eq(strlen(got->error->text), 4000);
    fake_done_with(got);
    fake_ask(&fake, 1, 2, false);
    fake_done_with(fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_BUSY));
    got = fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_ABORT);
    ck_assert_str_eq(got->abort->text, "ne v???r?\n\xc3\xa9?"); /* as far as a message may hold it */
    fake_done_with(got);
    fake_stop(&fake);
    fake_ended(&fake, 0);
}
END_TEST

START_TEST(killed_in_a_step)
{
    struct fake fake = fake_start(CLIENT_DIES);
    fake_greet(&fake);
    fake_init(&fake, 1, 7);
    fake_ask(&fake, 1, 1, false);
    ck_assert_ptr_null(fake_hear(&fake));
    int status;
    ck_assert_int_eq(waitpid(fake.child, &status, 0), fake.child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

START_TEST(garbage_is_refused)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"\xff\xff\xff\xff", 4},
        {"\0\0\0\0", 4},
        {"\2\0\0\0\x4a\x7f", 6},
        {"\1\0\0\0\xff", 5},
        {"\2\0\0\0\x5a\0", 6} /* STEP without a round */,
        {"\4\0\0\0\x12\2\x08\1", 8} /* READY */,
        {"\x12\0\0\0\x5a\x10\x08\1\x10\1\x19\0\0\0\0\0\0\0\0\x20\0\x30\1", 22} /* STEP before INIT */,
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake fake = fake_start(CLIENT_PLAIN);
        fake_greet(&fake);
        fake_send_bytes(&fake, cases[i].bytes, cases[i].length);
        fake_done_with(fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_ERROR));
        fake_ended(&fake, -GSP_WORKER_ERR_PROTOCOL);
    }
}
END_TEST

START_TEST(memory_that_will_not_do)
{
    for (int i = 0; i < 2; i++) {
        struct fake fake = fake_start(CLIENT_PLAIN);
        fake_done_with(fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_HELLO));
        fake_welcome(&fake, i ? 4095 : 4096, i > 0);
        fake_done_with(fake_expect(&fake, GOSSIPD__WORKER_MESSAGE__BODY_ERROR));
        fake_ended(&fake, -GSP_WORKER_ERR_PROTOCOL);
    }
}
END_TEST

START_TEST(an_attached_worker_reconnects)
{
    char folder[] = "/tmp/gossip-test.XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct fake fake = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/worker.sock", folder);
    setenv("GOSSIPD_WORKER", address.sun_path, 1);
    fake.child = fork();
    if (!fake.child) _exit(client(CLIENT_PLAIN, -1));
    double first[D];
    for (int life = 0; life < 2; life++) {
        int server = socket(AF_UNIX, SOCK_STREAM, 0);
        ck_assert_int_eq(bind(server, (const struct sockaddr *)&address, sizeof address), 0);
        ck_assert_int_eq(listen(server, 1), 0);
        fake.end = accept(server, NULL, NULL);
        close(server);
        unlink(address.sun_path);
        fake_greet(&fake);
        fake_init(&fake, 1, 7);
        fake_train(&fake, 1, 2);
        if (life) ck_assert_mem_eq(first, fake.x, sizeof first);
        memcpy(first, fake.x, sizeof first);
        if (life) break;
        fake_ask(&fake, 3, 1, false); /* and the daemon ends */
        close(fake.end);
        munmap(fake.memory, 4096);
    }
    fake_stop(&fake);
    fake_ended(&fake, 0);
    rmdir(folder);
}
END_TEST

START_TEST(what_is_refused_at_once)
{
    struct gsp_worker *worker;
    struct gsp_worker_error error;
    struct gsp_worker_model model = {.name = "test", .dimension = D};
    unsetenv("GOSSIPD_WORKER");
    ck_assert_int_eq(gsp_worker_open(&worker, &model, &error), GSP_WORKER_ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(error.message, "[Worker] Command = ..."));
    ck_assert_ptr_null(worker);
    static const char *const addresses[] = {"fd:", "fd:x", "fd:-1", "fd:999", "fd:99999999999999999999"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        setenv("GOSSIPD_WORKER", addresses[i], 1);
        ck_assert_int_eq(gsp_worker_open(&worker, &model, &error), GSP_WORKER_ERR_USAGE);
    }
    setenv("GOSSIPD_WORKER", "/dev/null/worker.sock", 1);
    model.state_max = 1;
    ck_assert_int_eq(gsp_worker_open(&worker, &model, NULL), GSP_WORKER_ERR_USAGE);
    model.state_max = 0;
    model.dimension = 0;
    ck_assert_int_eq(gsp_worker_open(&worker, &model, NULL), GSP_WORKER_ERR_USAGE);
    model.dimension = D;
    ck_assert_int_eq(gsp_worker_open(&worker, &model, NULL), 0);
    struct gsp_worker_step step;
    ck_assert_int_eq(gsp_worker_next(worker, &step, &error), GSP_WORKER_ERR_IO);
    gsp_worker_close(worker);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker_client");
    TCase *tcase = tcase_create("worker_client");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, hello_says_what_the_model_is);
    tcase_add_test(tcase, load_gives_the_very_state);
    tcase_add_test(tcase, evaluation_and_metrics);
    tcase_add_test(tcase, inline_vectors);
    tcase_add_test(tcase, failures_and_busy);
    tcase_add_test(tcase, killed_in_a_step);
    tcase_add_test(tcase, garbage_is_refused);
    tcase_add_test(tcase, memory_that_will_not_do);
    tcase_add_test(tcase, an_attached_worker_reconnects);
    tcase_add_test(tcase, what_is_refused_at_once);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
