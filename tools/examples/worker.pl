#!/usr/bin/perl
# A worker in plain Perl: least squares over the rows of a shard, vectors in the messages (inline), proto/worker.proto by hand.
# What any language can do that has Unix sockets.
#
#     [Worker]
#     Command = perl worker.pl --shard shard.csv
#
# The shard's lines are numbers with commas in between, the last of which is the target; a 1 is added to each row. A step's
# gradient is over all rows, so that there is neither a state nor a random number.
use strict;
use warnings;
use Errno;
use IO::Socket::UNIX;

die "usage: worker.pl --shard FILE.csv\n" unless @ARGV == 2 && $ARGV[0] eq '--shard';
open my $file, '<', $ARGV[1] or die "$ARGV[1]: $!\n";
my (@rows, @targets);
while (<$file>) {
    chomp;
    my @row = split /,/;
    push @targets, pop @row;
    push @rows, [@row, 1];
}
close $file;
die "$ARGV[1]: no rows\n" unless @rows;
my $dimension = @{ $rows[0] };

# ---- protobuf: as much as these messages need ----

sub varint {
    my ($value) = @_;
    my $out = '';
    while ($value > 0x7f) {
        $out .= chr($value & 0x7f | 0x80);
        $value >>= 7;
    }
    return $out . chr $value;
}
sub number { return varint($_[0] << 3) . varint($_[1]) }
sub double { return varint($_[0] << 3 | 1) . pack('d<', $_[1]) }
sub bytes  { return varint($_[0] << 3 | 2) . varint(length $_[1]) . $_[1] }

# The fields of a message by their numbers: a number, or bytes. Those that are repeated are of no use here.
sub fields {
    my ($data) = @_;
    my (%field, $at);
    $at = 0;
    my $take = sub {
        die "the daemon sent a message that does not decode\n" if $at + $_[0] > length $data;
        $at += $_[0];
        return substr $data, $at - $_[0], $_[0];
    };
    my $varint = sub {
        my ($value, $shift) = (0, 0);
        while (1) {
            my $byte = ord $take->(1);
            $value |= ($byte & 0x7f) << $shift;
            return $value if $byte < 0x80;
            $shift += 7;
        }
    };
    while ($at < length $data) {
        my $tag  = $varint->();
        my $wire = $tag & 7;
        $field{ $tag >> 3 } =
              $wire == 0 ? $varint->()
            : $wire == 1 ? $take->(8)
            : $wire == 2 ? $take->($varint->())
            : $wire == 5 ? $take->(4)
            :              die "the daemon sent a message that does not decode\n";
    }
    return \%field;
}

# ---- the stream ----

my $address = $ENV{GOSSIPD_WORKER}
    or die "GOSSIPD_WORKER is not set: start this by gossipd ([Worker] Command = ...), or set it to State/worker.sock\n";
my ($inherited) = $address =~ /^fd:(\d+)$/; # else this program was not started by gossipd, and outlives it
my $socket;
$SIG{PIPE} = 'IGNORE';

# Waits for a daemon where none is there at the moment, as while it is restarted.
sub connect_to_daemon {
    if (defined $inherited) {
        $socket = IO::Socket->new_from_fd($inherited, 'r+') or die "$address: $!\n";
    } else {
        until ($socket = IO::Socket::UNIX->new(Peer => $address)) {
            die "$address: $!\n" unless $!{ENOENT} || $!{ECONNREFUSED} || $!{EAGAIN};
            sleep 1;
        }
    }
    binmode $socket;
    return;
}

sub tell_daemon {
    my ($kind, $body) = @_;
    my $message = bytes($kind, $body);
    print {$socket} pack('V', length $message), $message;
    $socket->flush;
    return;
}

# So many bytes, or undef at the end of the stream.
sub exactly {
    my ($length) = @_;
    my $data = '';
    while (length $data < $length) {
        my $count = read $socket, $data, $length - length $data, length $data;
        return unless $count;
    }
    return $data;
}

# The number of a message, and its fields; nothing at the end of the stream.
sub hear {
    my $length = exactly(4) // return;
    my $data   = exactly(unpack 'V', $length) // return;
    my $message = fields($data);
    my ($kind) = keys %$message;
    die "the daemon sent an empty message\n" unless defined $kind;
    return ($kind, fields($message->{$kind}));
}

# ---- the model ----

# Loss and gradient at x.
sub gradient {
    my @x    = @_;
    my $loss = 0;
    my @g    = (0) x $dimension;
    for my $i (0 .. $#rows) {
        my $row      = $rows[$i];
        my $residual = -$targets[$i];
        $residual += $row->[$_] * $x[$_] for 0 .. $#x;
        $loss     += $residual**2 / 2 / @rows;
        $g[$_]    += $residual * $row->[$_] / @rows for 0 .. $#x;
    }
    return ($loss, @g);
}

my ($HELLO, $READY, $DONE, $RESULT, $ERROR, $WELCOME, $INIT, $LOAD, $STEP, $EVAL, $STOP) = (1 .. 4, 7 .. 13);

# All that one daemon asks, until its end.
sub serve {
    # versions 1 to 1, name, dimension, float64, fingerprint, inline, evaluates, rows
    tell_daemon($HELLO, number(1, 1) . number(2, 1) . bytes(3, 'least-squares') . number(4, $dimension) . number(5, 1)
            . bytes(6, sprintf 'perl %vd', $^V) . number(7, 1) . number(8, 1) . number(10, scalar @rows));
    while (my ($kind, $got) = hear()) {
        if ($kind == $INIT || $kind == $LOAD) {
            tell_daemon($READY, '');
        } elsif ($kind == $STEP) {
            my ($loss, @g) = gradient(unpack 'd<*', $got->{5});
            # round, attempt, a gradient, loss, rows, the vector, and no state
            tell_daemon($DONE, number(1, $got->{1}) . number(2, $got->{2}) . number(3, 0) . double(4, $loss)
                    . number(5, scalar @rows) . bytes(7, pack 'd<*', @g) . ($got->{4} ? number(8, 0) : ''));
        } elsif ($kind == $EVAL) {
            my ($loss) = gradient(unpack 'd<*', $got->{2});
            tell_daemon($RESULT, number(1, $got->{1}) . bytes(2, bytes(1, 'loss') . double(2, $loss)));
        } elsif ($kind == $ERROR) {
            die "gossipd refuses: $got->{1}\n";
        } elsif ($kind == $STOP) {
            exit 0;
        } elsif ($kind != $WELCOME) {
            die "gossipd sent message $kind\n";
        }
    }
    return;
}

do {
    connect_to_daemon();
    serve();
    close $socket;
    sleep 1 unless defined $inherited; # the daemon has to end before it can begin
} until defined $inherited;
