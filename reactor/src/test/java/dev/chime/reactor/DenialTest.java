package dev.chime.reactor;

import dev.chime.reactor.engine.Op;
import dev.chime.reactor.testing.Availability;
import dev.chime.reactor.testing.Census;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A ring without one of its operations, each in turn: it goes to the pool, beside and in chains
 * with those that stay, and every result is the same. The whole suites run so by {@code
 * -Dchime.deny=OP}.
 */
@ExtendWith(Census.class)
class DenialTest {
    @TempDir Path directory;

    @ParameterizedTest(name = "{0}")
    @EnumSource(Op.class)
    void withoutOneOperation_allResultsAreTheSame(Op denied) throws Exception {
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        boolean added = Settings.DENIED.add(denied);
        try {
            everyOperation(Setup.URING);
        } finally {
            if (added) {
                Settings.DENIED.remove(denied);
            }
        }
    }

    @Test
    void withoutAnyOperation_allResultsAreTheSame() throws Exception {
        Assumptions.assumeTrue(Availability.refusal().isEmpty(), Availability::refusal);
        EnumSet<Op> added = EnumSet.allOf(Op.class);
        added.removeAll(Settings.DENIED);
        Settings.DENIED.addAll(added);
        try {
            everyOperation(Setup.URING);
        } finally {
            Settings.DENIED.removeAll(added);
        }
    }

    private void everyOperation(Setup setup) throws Exception {
        results("opens").opens(setup);
        results("reads").readsAndWrites(setup);
        results("pipes").pipes(setup);
        results("stats").stats(setup);
        results("sockets").sockets(setup);
        SocketOpsTest sockets = new SocketOpsTest();
        sockets.wholeConversation_fromSocketToClose(setup);
        sockets.sendmsg_gathersInOrder(setup);
        sockets.oneAccept_givesManyConnections_eachCloseOnExec(setup);
        new ReceiveTest().bytesArriveInOrder_eofOnce_withoutMemory(setup);
        new CancelTest().pendingReceiveAcceptAndConnectSend_getExactlyOneEcanceled(setup);
        new CloseTest().closeWithPendingOperations_cancelsThem_thenCompletes(setup);
        chains("whole").writeWriteSyncRead_inOrder(setup);
        chains("broken").anErrorCancelsWhatFollows_butNotWhatWasDone(setup);
        AbortTest aborts = new AbortTest();
        aborts.deadline_expires_withEtimedout_andNotEarly(setup);
        aborts.deadlineThatIsNotReached_changesNothing(setup);
    }

    private OpResultsTest results(String name) throws IOException {
        OpResultsTest test = new OpResultsTest();
        test.directory = Files.createDirectory(directory.resolve(name));
        return test;
    }

    private ChainTest chains(String name) throws IOException {
        ChainTest test = new ChainTest();
        test.directory = Files.createDirectory(directory.resolve(name));
        return test;
    }
}
