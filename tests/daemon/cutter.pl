#!/usr/bin/perl
# cutter.pl PORT TARGET BYTES...: forwards connections from 127.0.0.1:PORT to 127.0.0.1:TARGET. The first connection is
# cut off (both ends closed, whatever is under way) once the first of BYTES have passed, the second after the next, and
# so on; later ones are left alone.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($port, $target, @limits) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 5, ReuseAddr => 1)
    or die "cutter: port $port: $!\n";
my $select = IO::Select->new($listener);
my (%other, %left);    # by descriptor: the other end, and how many bytes may still pass (one number for both ends)

sub drop {
    for my $end (@_) {
        $select->remove($end);
        delete $other{$end->fileno};
        delete $left{$end->fileno};
        $end->close;
    }
}

while (my @ready = $select->can_read) {
    for my $from (@ready) {
        if ($from == $listener) {
            my $near = $listener->accept or next;
            my $far = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $target);
            if (!$far) { $near->close; next }
            my $limit = @limits ? shift @limits : 1e18;
            print "connection, to be cut after $limit bytes\n";
            STDOUT->flush;
            ($other{$near->fileno}, $other{$far->fileno}) = ($far, $near);
            $left{$near->fileno} = $left{$far->fileno} = \$limit;
            $select->add($near, $far);
            next;
        }
        next unless defined $from->fileno && $other{$from->fileno};
        my ($to, $limit) = ($other{$from->fileno}, $left{$from->fileno});
        my $count = sysread $from, my $bytes, $$limit < 4096 ? $$limit : 4096;
        if (!$count) { drop($from, $to); next }
        for (my $at = 0; $at < $count;) {
            my $put = syswrite $to, $bytes, $count - $at, $at;
            last unless $put;
            $at += $put;
        }
        $$limit -= $count;
        drop($from, $to) if $$limit <= 0;
    }
}
