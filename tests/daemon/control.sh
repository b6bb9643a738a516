#!/bin/bash
# The control socket and the daemon's own life: clients of all kinds, sockets left behind, signals, memory, idleness.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"

make_peers 2 complete
make_csv n001/train.csv 500 784 1
make_csv n002/train.csv 500 784 2
echo "Bias = yes" >>n001/gossipd.conf
echo "Bias = yes" >>n002/gossipd.conf

# connects BYTES SECONDS: a client that sends these bytes, then waits for the daemon to end the connection; prints what
# came back in hexadecimal.
connects() {
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "connect: $!";
        $SIG{ALRM} = sub { print "still open\n"; exit 1 };
        alarm $ARGV[2];
        syswrite $s, pack("H*", $ARGV[1]) if length $ARGV[1];
        my $got = "";
        while (sysread $s, my $part, 65536) { $got .= $part }
        print unpack("H*", $got), "\n";' n001/state/control.sock "$1" "$2"
}

echo "a socket that a killed daemon left behind"
start_node n001
wait_for 10 ctl n001 health
kill -KILL "${PID_OF[n001]}"
wait "${PID_OF[n001]}" 2>/dev/null || true
[ -S n001/state/control.sock ] || fail "the killed daemon left no socket"
start_network 2
[ "$(stat -c %a n001/state/control.sock)" = 660 ] || fail "the socket's mode is $(stat -c %a n001/state/control.sock)"
[ "$(stat -c %a n001/state)" = 700 ] || fail "the state folder's mode is $(stat -c %a n001/state)"

echo "clients that misbehave"
connects 0500 15 >slow.out & # never finishes its request
slow=$!
PIDS+=("$slow")
connects ffffffff 5 >out || fail "a request of 4 GiB: $(cat out)"
connects 000001 1 >out && fail "dropped before its request was complete"
connects 04000000ffffffff 5 >out || fail "a request that does not decode: $(cat out)"
connects 0200000008010000 5 >out || fail "more than a request: $(cat out)"
echo "a crowd of clients"
crowd=()
for _ in $(seq 40); do
    connects "" 20 >/dev/null &
    crowd+=($!)
    PIDS+=($!)
done
sleep 0.3
expect 0 ctl n001 status
wait_for 5 ctl n001 health
kill "${crowd[@]}" 2>/dev/null || true

echo "status in every form"
expect 0 ctl n001 status
says "n001" out
expect 0 ctl n001 status --json
says '"phase"' out
expect 0 ctl n001 status --all --json
says '"nodes"' out
expect 0 ctl n001 peers
says "n002" out
expect 0 ctl n001 stop
says "nothing is running" out

echo "a dump before any run"
expect 1 ctl n001 dump x --out x.npy
[ ! -e x.npy ] || fail "a refused dump left a file"

echo "a short run of 7,850 parameters: memory"
expect 0 ctl n001 start objective=softmax classes=10 rounds=3 eta=0.01 gamma=0.2 --wait
resident() { awk '/^VmRSS/ {print $2}' "/proc/${PID_OF[n001]}/status"; }
data=$((500 * 785 * 8 / 1024))
[ "$(resident)" -le $((data + 16384)) ] || sanitized || fail "resident: $(resident) kB, $data kB of them data"

echo "dumps"
expect 0 ctl n001 dump x --out x.npy
[ "$(stat -c %s x.npy)" -eq $((128 + 8 * 7850)) ] || fail "x.npy has $(stat -c %s x.npy) bytes"
expect 0 ctl n001 dump z --out x.npy
expect 64 ctl n001 dump y --out y.npy
expect 64 ctl n001 dump x
expect 64 ctl n001 dump x --out x.txt
mkdir folder.npy
expect 1 ctl n001 dump x --out folder.npy
says "folder" err
expect 1 ctl n001 dump x --out no/such/x.npy
[ -z "$(find . -name '*.tmp')" ] || fail "left behind: $(find . -name '*.tmp')"

echo "an idle daemon takes no processor time"
ticks() { awk '{print $14 + $15}' "/proc/${PID_OF[n001]}/stat"; }
before=$(ticks)
sleep 3
[ $(($(ticks) - before)) -le 1 ] || fail "idle, it took $(($(ticks) - before)) ticks in 3 s"

echo "status while a long gradient runs"
ctl n001 start objective=softmax classes=3000 rounds=1000 eta=0.001 gamma=0.2 compressor=topk:fraction=0.01 >out
median() { # the median milliseconds of nine runs of a command
    local i begin
    for ((i = 0; i < 9; i++)); do
        begin=$(date +%s%N)
        "$@" >/dev/null || return 1
        echo $((($(date +%s%N) - begin) / 1000000))
        sleep 0.03
    done | sort -n | sed -n 5p
}
idle=$(median "$GOSSIPCTL" version)
busy=$(median ctl n001 status)
echo "status: $busy ms, of which $idle ms to start gossipctl"
[ $((busy - idle)) -le 50 ] || sanitized || fail "status takes $busy ms"

echo "signals"
expect 0 ctl n001 status
stop_node n002
kill -TERM "${PID_OF[n001]}"
sleep 0.01
kill -TERM "${PID_OF[n001]}" 2>/dev/null || true
code=0
wait "${PID_OF[n001]}" || code=$?
[ "$code" -le 1 ] || fail "two signals: exit code $code"
[ ! -e n002/state/control.sock ] || fail "the socket of n002 is still there"

wait "$slow" || fail "a client that never finished its request is still connected"

echo "a path longer than a socket's address"
long=n002/$(printf 'a%.0s' {1..60})/$(printf 'b%.0s' {1..60})
mkdir -p "$long"
sed -i "s,^State.*,State = ../$long," n002/gossipd.conf
start_node n002
wait_for 10 "$GOSSIPCTL" -s "$long/control.sock" health
stop_node n002
[ ! -e "$long/control.sock" ] || fail "the socket is still there"
