# Attacks on a live daemon over loopback. The program needs the stage (stage.sh), which starts the daemons.
check_PROGRAMS += tests/attack/attacks
tests_attack_attacks_SOURCES = tests/attack/main.c tests/attack/attacks.h tests/attack/intruder.c tests/attack/intruder.h \
	tests/attack/net.c tests/attack/strangers.c tests/attack/small_order.c tests/attack/floods.c \
	tests/attack/answers.c tests/attack/records.c tests/attack/messages.c tests/attack/runs.c
tests_attack_attacks_CPPFLAGS = $(TEST_CPPFLAGS)
tests_attack_attacks_LDADD = libgossip-core.la

dist_check_SCRIPTS += tests/attack/stage.sh
TESTS += tests/attack/stage.sh
