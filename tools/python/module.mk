# The worker's side in Python: a package that pip installs (pip install tools/python), which is why make does not.
EXTRA_DIST += tools/python/README.md tools/python/pyproject.toml tools/python/gossipd/__init__.py \
	tools/python/gossipd/connection.py tools/python/gossipd/errors.py tools/python/gossipd/messages.py \
	tools/python/gossipd/py.typed tools/python/gossipd/state.py tools/python/gossipd/step.py tools/python/gossipd/torch.py \
	tools/python/gossipd/worker.py

python_tests = tools/python/tests/helper.py tools/python/tests/loops.py tools/python/tests/test_examples.py \
	tools/python/tests/test_failures.py tools/python/tests/test_processes.py tools/python/tests/test_state.py \
	tools/python/tests/test_torch.py tools/python/tests/test_worker.py tests/worker/fake_daemon.py
EXTRA_DIST += $(python_tests) tools/python/examples/cnn_gradient.py tools/python/examples/cnn_torch.py tools/python/examples/mlp_numpy.py \
	tools/examples/worker.pl
EXTRA_DIST += doc/tutorial-own-model.md
dist_check_SCRIPTS += tests/tutorial.sh tests/worker/test_python.sh
TESTS += tests/tutorial.sh tests/worker/test_python.sh
