# Sources of tools/ctl.
bin_PROGRAMS += gossipctl
gossipctl_SOURCES = $(tools_common_sources) tools/ctl/ctl.h tools/ctl/main.c tools/ctl/commands.c \
	tools/ctl/help.c tools/ctl/init.c tools/ctl/init.h tools/ctl/init_text.c tools/ctl/init_write.c tools/ctl/key.c \
	tools/ctl/version.c
gossipctl_LDADD = libgossip-core.la
