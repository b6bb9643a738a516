# Authenticated streams of messages between listed nodes.
libgossip_core_la_SOURCES += lib/transport/channel.c lib/transport/channel.h lib/transport/cipher.c lib/transport/cipher.h \
	lib/transport/connection.c lib/transport/dial.c lib/transport/find.c lib/transport/handshake.c lib/transport/inside.h \
	lib/transport/link.c lib/transport/noise.c lib/transport/noise.h lib/transport/record.c lib/transport/record.h \
	lib/transport/strangers.c lib/transport/transport.c lib/transport/transport.h
