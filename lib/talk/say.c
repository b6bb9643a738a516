/* What is said to a worker. */
#include "talk/talk.h"

#include <stdio.h>

Gossipd__WorkerMessage gsp__talk_message(Gossipd__WorkerMessage__BodyCase body)
{
    Gossipd__WorkerMessage message = GOSSIPD__WORKER_MESSAGE__INIT;
    message.body_case = body;
    return message;
}

/* What lies in the memory, for a worker that can't look into it. */
static ProtobufCBinaryData inline_values(const struct gsp_talk *talk)
{
    return gsp__bytes_view(talk->memory + talk->x_offset, gsp__talk_dimension(talk) * gsp__talk_width(talk));
}

static int say_init(struct gsp_talk *talk)
{
    struct gsp_settings settings;
    Gossipd__WorkerInit pb = GOSSIPD__WORKER_INIT__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_INIT);
    struct gsp__talk_task *task = &talk->task;
    int rc = gsp_settings_parse(&settings, task->settings, NULL);
    if (rc) return rc;
    pb.epoch = task->question.run.epoch;
    pb.run_id = (ProtobufCBinaryData){sizeof task->question.run.id, task->question.run.id};
    pb.seed = settings.seed;
    pb.rounds = settings.rounds;
    pb.node = talk->node;
    pb.settings = task->settings;
    message.init = &pb;
    talk->stage = GSP__TALK_BEGINNING;
    talk->run = task->question.run;
    talk->round = 0;
    return gsp__frame_put(&message, &talk->out);
}

static int say_load(struct gsp_talk *talk)
{
    Gossipd__WorkerLoad pb = GOSSIPD__WORKER_LOAD__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_LOAD);
    pb.round = talk->task.after;
    pb.state_length = talk->task.state_length;
    if (talk->inline_vectors) {
        pb.has_x = pb.has_state = true;
        pb.x = inline_values(talk);
        pb.state = gsp__bytes_view(talk->memory + talk->state_offset, talk->task.state_length);
    }
    message.load = &pb;
    talk->stage = GSP__TALK_LOADING;
    talk->round = talk->task.after;
    return gsp__frame_put(&message, &talk->out);
}

static int say_step(struct gsp_talk *talk)
{
    Gossipd__WorkerStep pb = GOSSIPD__WORKER_STEP__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_STEP);
    const struct gsp__talk_task *task = &talk->task;
    pb.round = task->question.round;
    pb.attempt = task->question.attempt;
    pb.eta = task->eta;
    pb.save = task->save;
    pb.has_x = talk->inline_vectors;
    if (pb.has_x) pb.x = inline_values(talk);
    message.step = &pb;
    talk->stage = GSP__TALK_COMPUTING;
    return gsp__frame_put(&message, &talk->out);
}

static int say_eval(struct gsp_talk *talk)
{
    Gossipd__WorkerEval pb = GOSSIPD__WORKER_EVAL__INIT;
    Gossipd__WorkerMessage message = gsp__talk_message(GOSSIPD__WORKER_MESSAGE__BODY_EVAL);
    pb.round = talk->task.question.round;
    pb.has_x = talk->inline_vectors;
    if (pb.has_x) pb.x = inline_values(talk);
    message.eval = &pb;
    talk->stage = GSP__TALK_COMPUTING;
    return gsp__frame_put(&message, &talk->out);
}

/* The next thing to say for the question in hand; BEGIN has nothing after INIT. */
int gsp__talk_go_on(struct gsp_talk *talk)
{
    const struct gsp_question *question = &talk->task.question;
    if (question->ask == GSP_ASK_BEGIN || gsp_run_key_compare(&talk->run, &question->run) != 0) return say_init(talk);
    if (talk->round != talk->task.after) return say_load(talk);
    return question->ask == GSP_ASK_GRADIENT ? say_step(talk) : say_eval(talk);
}

int gsp_talk_stop(struct gsp_talk *talk, const char *reason)
{
    Gossipd__WorkerStop stop = GOSSIPD__WORKER_STOP__INIT;
    Gossipd__WorkerWords words = GOSSIPD__WORKER_WORDS__INIT;
    Gossipd__WorkerMessage message =
        gsp__talk_message(reason ? GOSSIPD__WORKER_MESSAGE__BODY_ERROR : GOSSIPD__WORKER_MESSAGE__BODY_STOP);
    char text[GSP_TALK_TEXT_MAX];
    snprintf(text, sizeof text, "%s", reason ? reason : "");
    gsp_text_clean(text);
    words.text = text;
    if (reason)
        message.error = &words;
    else
        message.stop = &stop;
    talk->stage = GSP__TALK_OVER;
    return gsp__frame_put(&message, &talk->out);
}
