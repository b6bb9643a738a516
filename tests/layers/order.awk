# The layers of lib/ in their order, for the checks of this folder: a layer may use those before it.
BEGIN {
    layers = "base config algo data wire store problem host talk transport exchange run rumours session report"
    # The rooms of a peer: what is inside one, its struct first of all, is for its own files alone.
    rooms = "transport exchange run rumours session"

    # Libraries of their own, beside libgossip: they use nothing of it but the schemas, and nothing of lib/ uses them.
    apart = "worker"

    layer_count = split(layers, layer_list, " ")
    for (i = 1; i <= layer_count; i++) rank[layer_list[i]] = i
    split(rooms, room_list, " ")
    for (i in room_list) room[room_list[i]] = 1
    split(apart, apart_list, " ")
    for (i in apart_list) {
        alone[apart_list[i]] = 1
        rank[apart_list[i]] = layer_count + 1
    }
}
# lib/LAYER/..., lib/gossip/LAYER.h, proto/..., daemon/..., tools/...
function layer_of(path,    part) {
    split(path, part, "/")
    if (part[1] == "proto") return "wire"
    if (part[1] != "lib") return part[1]
    if (part[2] != "gossip") return part[2]
    sub(/\.h$/, "", part[3])
    return part[3]
}
# The one header of a room that others see: lib/ROOM/ROOM.h.
function door_of(layer) {
    return "lib/" layer "/" layer ".h"
}
