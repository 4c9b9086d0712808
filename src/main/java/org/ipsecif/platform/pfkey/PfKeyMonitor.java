package org.ipsecif.platform.pfkey;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.ipsecif.platform.ErrnoException;
import org.ipsecif.platform.InstalledPolicy;
import org.ipsecif.platform.KernelEvent;
import org.ipsecif.platform.KernelMonitor;
import org.ipsecif.platform.posix.DescriptorChannel;
import org.ipsecif.platform.posix.Posix;
import org.jspecify.annotations.Nullable;

/** A PF_KEY socket of its own. */
public final class PfKeyMonitor extends DescriptorChannel implements KernelMonitor {
    private final Dialect dialect;
    private final PfKeyPort port;
    private final PfKeyReader reader;
    private final PfKeyEventReader events;
    private final Overflow overflow;
    private final PfKeySocket questions;
    private final PolicyMessages policies;

    /** What it wants to be told. */
    public enum Interest {
        /** What others change in the SPD and the SAD. */
        CHANGES,
        /**
         * Also which SAs are wanted, or expire: registered for ESP, as key management is. Linux then tries every algorithm that it knows,
         * and loads their modules, which takes seconds the first time.
         */
        KEY_MANAGEMENT
    }

    /** With all interest there is. */
    public PfKeyMonitor(Posix posix, Dialect dialect, int receiveBuffer) throws ErrnoException {
        this(posix, dialect, receiveBuffer, Interest.KEY_MANAGEMENT);
    }

    /**
     * Takes part from now on.
     *
     * @param receiveBuffer bytes, beyond which events are lost
     * @throws ErrnoException where the kernel has no PF_KEY, see {@link Dialect#saysAbsent}; EPERM without the privilege
     */
    public PfKeyMonitor(Posix posix, Dialect dialect, int receiveBuffer, Interest interest) throws ErrnoException {
        super(posix, PfKeyPort.open(posix, dialect, receiveBuffer), NONE);
        this.dialect = dialect;
        port = new PfKeyPort(posix, dialect, fd());
        reader = PfKeyReader.withoutKeys(dialect);
        events = new PfKeyEventReader(dialect, this::entry);
        overflow = new Overflow(posix.libc(), dialect, fd());
        policies = new PolicyMessages(dialect);
        try {
            if (interest == Interest.KEY_MANAGEMENT) {
                register(posix);
            }
            questions = new PfKeySocket(posix, dialect);
        } catch (ErrnoException e) {
            super.close();
            throw e;
        }
    }

    /** An ACQUIRE has no more than a policy's number. */
    private @Nullable InstalledPolicy entry(int number) {
        PfKeyMessage entry = questions
                .request(Request.SPDGET, Sadb.SADB_SATYPE_UNSPEC, PolicyMessages.number(number))
                .message();
        return entry == null ? null : policies.read(entry);
    }

    private void register(Posix posix) throws ErrnoException {
        int sequence = PfKeySocket.nextSequence();
        int errno = port.send(Request.REGISTER, Sadb.SADB_SATYPE_ESP, sequence, List.of());
        int[] answer = {errno == 0 ? -1 : errno};
        while (answer[0] < 0) {
            int got = port.receive(bytes -> {
                PfKeyHeader header = PfKeyHeader.read(bytes);
                if (header != null && header.type() == Sadb.SADB_REGISTER && isAnswer(header, sequence)) {
                    answer[0] = header.errno();
                }
            });
            if (got <= 0) {
                answer[0] = got == 0 ? dialect.noBuffers() : -got;
            }
        }
        if (answer[0] != 0) {
            throw posix.exception(Request.REGISTER.words(), answer[0]);
        }
    }

    private boolean isAnswer(PfKeyHeader header, int sequence) {
        return header.sequence() == sequence && header.pid() == port.pid();
    }

    /** How many messages had which flaw. */
    Map<Flaw, Long> flaws() {
        return reader.flaws();
    }

    @Override
    public int receive(Consumer<KernelEvent> listener) {
        boolean lost = overflow.isOver();
        int got = port.receive(bytes -> read(bytes, listener));
        if (lost || got == -dialect.noBuffers()) {
            listener.accept(new KernelEvent.Lost());
            return 1;
        }
        return got > 0 ? got : got == 0 ? NOTHING : GONE;
    }

    private void read(ByteBuffer bytes, Consumer<KernelEvent> listener) {
        PfKeyMessage message = reader.read(bytes);
        if (message == null) {
            listener.accept(new KernelEvent.Lost()); // whatever it told
        } else {
            events.read(message).forEach(listener);
        }
    }

    @Override
    public void close() {
        questions.close();
        super.close();
    }
}
