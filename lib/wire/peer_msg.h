/* What both ways of messages between daemons share. */
#ifndef GOSSIP_WIRE_PEER_MSG_H
#define GOSSIP_WIRE_PEER_MSG_H

#include <gossip/wire.h>

/* Before packing and after unpacking. GSP_ERR_FORMAT, saying what is out of range. */
int gsp__check_message(const struct gsp_message *message, struct gsp_error *error);

#endif
