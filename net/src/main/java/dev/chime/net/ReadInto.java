package dev.chime.net;

import dev.chime.reactor.Buffer;
import dev.chime.reactor.stream.DataHandler;

/** Copies what comes into an array of the user's, as much at a time as that holds. */
final class ReadInto implements DataHandler {
    private final Receiver receiver;
    private final byte[] array;
    private final ReadHandler handler;

    ReadInto(Receiver receiver, byte[] array, ReadHandler handler) {
        this.receiver = receiver;
        this.array = array;
        this.handler = handler;
    }

    @Override
    public void data(Buffer data) throws Exception {
        int length = data.length();
        int taken = 0;
        try {
            do {
                int bytes = Math.min(array.length, length - taken);
                data.get(taken, array, 0, bytes);
                taken += bytes;
                if (!handler.read(bytes)) {
                    receiver.pause();
                }
            } while (taken < length && receiver.flowsTo(this));
        } finally {
            if (taken < length) {
                receiver.keep(data.slice(taken, length - taken));
            }
        }
    }
}
