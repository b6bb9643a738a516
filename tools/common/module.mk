# What the programs of tools/ share.
noinst_LTLIBRARIES += libgossip-tools.la
libgossip_tools_la_SOURCES = tools/common/common.h tools/common/create.c tools/common/dataspec.c tools/common/help.c \
	tools/common/network.c tools/common/say.c
