package dev.chime.net.dns;

import org.xbill.DNS.Name;

/** What a name server is asked: all it has of a kind for an absolute name, upper or lower case. */
record Question(Name name, RecordType<?> type) {}
