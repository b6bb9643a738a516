# Sources and tests of lib/wire.
gossipinclude_HEADERS += lib/gossip/wire.h
libgossip_core_la_SOURCES += lib/wire/codec.c lib/wire/codec.h lib/wire/control_msg.c lib/wire/peer_check.c \
	lib/wire/peer_msg.h lib/wire/peer_pack.c lib/wire/peer_unpack.c lib/wire/scan.c lib/wire/scan.h \
	lib/wire/summary_msg.c lib/wire/summary_msg.h lib/wire/text.c lib/wire/worker_msg.c lib/wire/worker_msg.h lib/wire/text.h

# The schemas are compiled while building; what protoc-c writes is not held to our warnings.
GENERATED_C = proto/peer.pb-c.c proto/control.pb-c.c proto/worker.pb-c.c
GENERATED_H = proto/peer.pb-c.h proto/control.pb-c.h proto/worker.pb-c.h
noinst_LTLIBRARIES += libgossip-proto.la
nodist_libgossip_proto_la_SOURCES = $(GENERATED_C) $(GENERATED_H)
libgossip_proto_la_CFLAGS = $(GSP_CFLAGS) -w
libgossip_core_la_LIBADD += libgossip-proto.la
BUILT_SOURCES += $(GENERATED_C) $(GENERATED_H)
CLEANFILES += $(GENERATED_C) $(GENERATED_H)
EXTRA_DIST += proto/peer.proto proto/control.proto proto/worker.proto

proto/peer.pb-c.c: proto/peer.proto
proto/control.pb-c.c: proto/control.proto proto/peer.proto
proto/worker.pb-c.c: proto/worker.proto
$(GENERATED_C):
	$(AM_V_GEN)$(MKDIR_P) proto && $(PROTOC_C) --proto_path=$(srcdir)/proto --c_out=proto \
		$(srcdir)/`echo $@ | sed 's/pb-c.c$$/proto/'`
# Written together with its source; made again if only it was deleted.
proto/peer.pb-c.h: proto/peer.pb-c.c
	@test -f $@ || { rm -f proto/peer.pb-c.c && $(MAKE) $(AM_MAKEFLAGS) proto/peer.pb-c.c; }
proto/control.pb-c.h: proto/control.pb-c.c
	@test -f $@ || { rm -f proto/control.pb-c.c && $(MAKE) $(AM_MAKEFLAGS) proto/control.pb-c.c; }
proto/worker.pb-c.h: proto/worker.pb-c.c
	@test -f $@ || { rm -f proto/worker.pb-c.c && $(MAKE) $(AM_MAKEFLAGS) proto/worker.pb-c.c; }
lib/talk/talk.lo lib/talk/frames.lo lib/talk/say.lo proto/libgossip_proto_la-worker.pb-c.lo: proto/worker.pb-c.h
lib/wire/peer_check.lo lib/wire/peer_pack.lo lib/wire/peer_unpack.lo lib/wire/summary_msg.lo \
	proto/libgossip_proto_la-peer.pb-c.lo: proto/peer.pb-c.h
lib/wire/control_msg.lo proto/libgossip_proto_la-control.pb-c.lo: $(GENERATED_H)

test_programs += tests/unit/test_wire tests/unit/test_wire_hostile tests/unit/test_wire_memory
tests_libtests_la_SOURCES += tests/unit/unpack_any.h tests/unit/wire_contents.c tests/unit/wire_contents.h
