/* Every limit and interval of the protocol, with its reason. Times in milliseconds.
 *
 * What other layers set for themselves: the length of a message (GSP_MESSAGE_MAX in gossip/wire.h; in a run it follows
 * from dimension and compressor, gsp__runs_message_limit in run/runs.c), what decoding one may take (wire/codec.h), the
 * length of a record (transport/record.h), clients of the control socket (daemon/control.c). */
#ifndef GOSSIP_HOST_LIMITS_H
#define GOSSIP_HOST_LIMITS_H

enum {
    /* Who has not proved to be a listed node costs us memory and a descriptor: for a short time, and not many at once.
     */
    GSP__HANDSHAKE_TIME = 5000,
    GSP__STRANGERS_MAX = 64,             /* unauthenticated connections; one more, and a random one goes */
    GSP__STRANGERS_PER_ADDRESS_MAX = 32, /* so that one host cannot take all places */
    GSP__STRANGERS_LINES_MAX = 5,        /* of log within GSP__STRANGERS_LOG_TIME: strangers must not fill the disk */
    GSP__STRANGERS_LOG_TIME = 10000,

    /* A listed node that misbehaves may spoil a run, but not the memory, the log or the later runs of the others. */
    GSP__CLOSING_PER_NODE_MAX = 4, /* connections of one node that are ending; one more, and the oldest is cut */
    GSP__LOG_LINES_BURST = 200,    /* lines of log at once, */
    GSP__LOG_LINES_TIME = 1000,    /* and one more in this time: some 10 MB a day at most */
    GSP__RUN_STATES_BURST = 50,    /* run states with news from one neighbour at once, */
    GSP__RUN_STATES_TIME = 250,    /* and one more in this time: a start takes as long */
    GSP__EPOCH_STEP_MAX = 1000,    /* a run's number may be so much greater: a start needs all, so nobody misses many */
    GSP__NUMBER_STEP_MAX = 1 << 26,     /* a summary's number likewise, beyond GSP__NUMBER_FREE_MAX */
    GSP__OWN_NUMBER_STEP_MAX = 1 << 20, /* how far a node lets others push its own number there: each such step must be
                                           small for those who missed some */
    GSP__OWN_NUMBER_BURST = 8,          /* how often at once, */
    GSP__OWN_NUMBER_TIME = 1000,      /* and once more in this time: 2^32 steps to the end of all numbers, 136 years */
    GSP__SUMMARY_FORGET_TIME = 60000, /* six heartbeats missed: what was heard of a node gives way to any other word */

    GSP__PING_TIME = 5000,     /* between pings */
    GSP__SILENCE_TIME = 15000, /* three pings unanswered: the link is dead */
    GSP__CLOSE_TIME = 6000,    /* an orderly close gets this long, a little more than the driver's 5 s of draining */

    GSP__DIAL_FIRST = 100, /* back-off: doubled after every failure, with jitter */
    GSP__DIAL_MAX = 30000,
    GSP__DIAL_YIELD = 1000,         /* of two that can dial each other, the smaller key waits this long at first */
    GSP__DIAL_FORGIVE = 10000,      /* a link that was up for so long starts with a fresh back-off */
    GSP__REFUSED_TIME = 30000,      /* a refusal is cured by a human, whose gossipd then dials us: no hurry */
    GSP__REFUSED_ALONE_TIME = 3000, /* who has no endpoint is not dialed, and must find out */

    GSP__SUMMARY_TIME = 1000,    /* a node tells its news at most so often */
    GSP__URGENT_TIME = 100,      /* and urgent news (a run's begin or end, an answer to a start) so often */
    GSP__HEARTBEAT_TIME = 10000, /* and at least so often */
    GSP__STALE_TIME = 25000,     /* two heartbeats missed: status says that nothing was heard */
    GSP__WAITING_TIME = 1000,    /* a step that lacks messages for so long is called waiting */
    GSP__EVALUATE_TIME = 2000,   /* between evaluations on the test data */
    GSP__EVALUATE_SHARE = 20,    /* and at least so many times what one takes: 5 % of the time at most */

    GSP__SEND_WINDOW = 256 * 1024, /* bytes handed to the transport and not yet taken by it, a connection. Who reads
                                      nothing makes us hold this, one batch, and one message or vector at most */
    GSP__SEND_BATCH = 16 * 1024,   /* small messages are sealed together up to about here */

    GSP__DISK_FIRST = 1000, /* what could not be written is tried again after this time, doubled ... */
    GSP__DISK_MAX = 10000,  /* ... up to this: whoever has made room should not wait for long */

    GSP__CLIENTS_WAITING_MAX = 64 /* control requests that wait for an answer */
};

/* What numbers reach by themselves: ten a second for 14 million years. */
#define GSP__NUMBER_FREE_MAX (GSP_COUNT_MAX / 2)

/* A loss this many times the first one is divergence, long before numbers overflow. */
#define GSP__LOSS_GROWTH_MAX 1e6

#endif
