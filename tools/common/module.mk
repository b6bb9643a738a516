# What the programs of tools/ share: sources to list in each program.
tools_common_sources = tools/common/common.h tools/common/create.c tools/common/dataspec.c tools/common/help.c \
	tools/common/network.c tools/common/say.c daemon/files.c daemon/files.h
