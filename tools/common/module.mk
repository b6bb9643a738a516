# What the programs of tools/ share.
noinst_LTLIBRARIES += libtools-common.la
libtools_common_la_SOURCES = tools/common/common.h tools/common/files.c tools/common/say.c
