# A host's service.
systemdsystemunitdir = $(prefix)/lib/systemd/system
nodist_systemdsystemunit_DATA = deploy/systemd/gossipd.service
EXTRA_DIST += deploy/systemd/gossipd.service.in
CLEANFILES += deploy/systemd/gossipd.service
deploy/systemd/gossipd.service: deploy/systemd/gossipd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) deploy/systemd && sed 's|[@]bindir@|$(bindir)|' $(srcdir)/deploy/systemd/gossipd.service.in >$@.tmp \
		&& mv $@.tmp $@

# Containers: deploy/compose, and its tests, which need no engine.
dist_check_SCRIPTS += tests/compose/test_demo.sh tests/compose/test_files.sh
TESTS += tests/compose/test_demo.sh tests/compose/test_files.sh
EXTRA_DIST += .dockerignore deploy/compose/Dockerfile deploy/compose/README.md deploy/compose/compose.yaml deploy/compose/demo \
	deploy/compose/prepare deploy/compose/prepare.yaml tests/compose/fake-docker
