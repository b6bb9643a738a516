# Containers: deploy/compose, and its tests, which need no engine.
dist_check_SCRIPTS += tests/compose/test_demo.sh tests/compose/test_files.sh
TESTS += tests/compose/test_demo.sh tests/compose/test_files.sh
EXTRA_DIST += .dockerignore deploy/compose/Dockerfile deploy/compose/README.md deploy/compose/compose.yaml deploy/compose/demo \
	deploy/compose/prepare deploy/compose/prepare.yaml tests/compose/fake-docker
