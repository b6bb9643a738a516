# Sources of tools/ctl.
bin_PROGRAMS += gossipctl
gossipctl_SOURCES = tools/ctl/ctl.h tools/ctl/main.c tools/ctl/check.c tools/ctl/commands.c tools/ctl/help.c \
	tools/ctl/init.c tools/ctl/init.h tools/ctl/init_text.c tools/ctl/init_write.c tools/ctl/key.c tools/ctl/manual.c \
	tools/ctl/inquire.c tools/ctl/inquire.h tools/ctl/version.c
gossipctl_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
gossipctl_LDADD = libgossip-ctl.la libgossip-tools.la libgossip-beside.la libgossip-daemon.la libgossip-core.la $(UV_LIBS)

# What its tests use as well.
noinst_LTLIBRARIES += libgossip-ctl.la
libgossip_ctl_la_SOURCES = tools/ctl/advice.c tools/ctl/advice.h

# The commands that talk to a daemon.
gossipctl_SOURCES += tools/ctl/client.c tools/ctl/client.h tools/ctl/terminal.c tools/ctl/terminal.h \
	tools/ctl/start.c tools/ctl/wait.c tools/ctl/wait.h tools/ctl/stop.c tools/ctl/status.c tools/ctl/dump.c \
	tools/ctl/health.c tools/ctl/chart.c tools/ctl/curves.c tools/ctl/curves.h tools/ctl/eval.c tools/ctl/fetch.c \
	tools/ctl/fetch.h tools/ctl/gnuplot.c tools/ctl/history.c tools/ctl/plot.c tools/ctl/raster.c tools/ctl/raster.h \
	tools/ctl/reload.c

ctl_tests = tests/cli/check.sh tests/cli/init.sh tests/cli/keys.sh tests/cli/manual.sh tests/cli/plot.sh tests/cli/usage.sh
dist_check_SCRIPTS += $(ctl_tests)
TESTS += $(ctl_tests)
EXTRA_DIST += doc/results.md

# The manual is made of the program's own tables.
man_MANS += doc/gossipctl.1
CLEANFILES += doc/gossipctl.1
doc/gossipctl.1: gossipctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && ./gossipctl help --manual >$@.tmp && mv $@.tmp $@
