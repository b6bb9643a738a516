/* One end of a connection, scripted by a test: the handshake and the messages of a node, honest or not. */
#ifndef TESTS_SIM_PUPPET_H
#define TESTS_SIM_PUPPET_H

#include "transport/channel.h"
#include "transport/noise.h"
#include "sim/cluster.h"

enum {
    PUPPET_MESSAGE_1 = GSP__NOISE_OVERHEAD_1,
    PUPPET_MESSAGE_2 = GSP__NOISE_OVERHEAD_2,
    PUPPET_MESSAGE_3 = GSP__NOISE_OVERHEAD_3 + GSP_NAME_MAX + 32
};

/* Where it differs from the node it plays; what is NULL or 0 is the truth. */
struct puppet_lies {
    const uint8_t *secret_key;
    const uint8_t *remote_key; /* whom it believes to reach */
    const uint8_t *hash;
    const char *network, *name;
    uint8_t version;
};

struct puppet {
    struct cluster *cluster;
    size_t self, other;
    struct puppet_lies lies;
    uint64_t connection;
    struct gsp__noise noise;
    struct gsp__channel channel;
    struct gsp_buffer heard; /* not yet read */
};

/* Plays the absent node `self` towards `other`: connects, and sends the handshake's first message. */
void puppet_begin(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other,
                  const struct puppet_lies *lies);
/* Reads message 2 and sends message 3; false if the node hung up, or its message is not valid. */
bool puppet_prove(struct puppet *puppet);
/* Both, then Welcome and Hello: the link is up. */
void puppet_link(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other);
/* The other side: `other` dialed the absent node `self` (cluster_pose) and gets a whole handshake. */
void puppet_answer(struct puppet *puppet, struct cluster *cluster, size_t self, size_t other);
/* Hangs up and frees what it holds. */
void puppet_end(struct puppet *puppet);

void puppet_say(struct puppet *puppet, const struct gsp_message *message);
/* The same in bytes, for what no message can be. `message` begins with the u32. */
void puppet_say_bytes(struct puppet *puppet, const void *message, size_t length);
/* The next message of this type that the node has sent, others skipped; false if there is none yet. A payload lives
 * until the next call. */
bool puppet_hear(struct puppet *puppet, enum gsp_message_type type, struct gsp_message *out);
/* The same, and must be there. */
void puppet_expect(struct puppet *puppet, enum gsp_message_type type, struct gsp_message *out);
bool puppet_hung_up(const struct puppet *puppet);

#endif
