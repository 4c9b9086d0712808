package org.ipsecif.ike.message;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fragments of one message at a time together (RFC 7383 section 2.6): one for each direction of an IKE SA. The caller
 * lets only messages of its window come here, gives up in time ({@link #clear}), and answers a fragment of a request that it has
 * answered already only if it is the first (section 2.6.1). Holds nothing between messages, and nothing that is not authentic.
 * One thread.
 */
public final class FragmentReassembler {
    /** What became of a fragment. */
    public enum Outcome {
        /** Kept; others are missing. */
        STORED,
        /** It was the last that was missing: {@link FragmentReassembler#take} the message. */
        COMPLETE,
        /** There already. */
        DUPLICATE,
        /** Of an earlier, coarser fragmentation of the message (section 2.5.2). */
        OBSOLETE,
        /** Dropped, as if it never came. */
        NOT_AUTHENTIC,
        /** All fragments were dropped, for the message exceeds the limit: the peer is broken or hostile. */
        TOO_LARGE
    }

    /** Bytes that a fragment costs beside its text: without this, a limit would not stop 65,535 empty ones. */
    private static final int FRAGMENT_COST = 64;

    private final int limit;
    private final SortedMap<Integer, byte[]> texts = new TreeMap<>();

    private @Nullable IkeHeader header;
    private int total;
    private int cost;
    private byte[] associated = new byte[0];
    private int firstType;

    /** @param limit bytes of memory that fragments may take; their text, and {@value #FRAGMENT_COST} for each */
    public FragmentReassembler(int limit) {
        this.limit = limit;
    }

    /**
     * Takes one fragment.
     *
     * @param outer what {@link IkeMessage#parse} made of the same bytes; its last payload is SKF
     */
    public Outcome add(IkeMessage outer, byte[] bytes, int offset, int length, MessageProtection protection) {
        EncryptedFragmentPayload fragment = outer.first(EncryptedFragmentPayload.class)
                .orElseThrow(() -> new IllegalArgumentException("a message without SKF"));
        boolean known = outer.header().equals(header);
        if (known && fragment.total() < total) {
            return Outcome.OBSOLETE;
        }
        if (known && fragment.total() == total && texts.containsKey(fragment.number())) {
            return Outcome.DUPLICATE;
        }
        byte[] before = OpenedMessage.associated(bytes, offset, length, fragment.data());
        byte[] text = protection.open(before, fragment.data().toBytes());
        if (text == null) {
            return Outcome.NOT_AUTHENTIC;
        }
        if (!known || fragment.total() > total) {
            clear();
            header = outer.header();
            total = fragment.total();
        }
        if (fragment.number() == 1) {
            firstType = fragment.nextPayload();
            associated = unfragmented(before, outer);
        }
        return store(fragment.number(), text);
    }

    private Outcome store(int number, byte[] text) {
        cost += FRAGMENT_COST + text.length;
        if (cost > limit) {
            clear();
            return Outcome.TOO_LARGE;
        }
        texts.put(number, text);
        return texts.size() == total ? Outcome.COMPLETE : Outcome.STORED;
    }

    /** What stands before the IV in a first fragment, as the message that was fragmented had it: its type is SK. */
    private static byte[] unfragmented(byte[] first, IkeMessage outer) {
        byte[] whole = Arrays.copyOf(first, first.length - EncryptedFragmentPayload.HEADER);
        int at = IkeHeader.NEXT_PAYLOAD_AT;
        int count = outer.payloads().size();
        if (count > 1) {
            int previous = outer.payloads().get(count - 2).body().length();
            at = whole.length - 2 * PayloadChain.GENERIC_HEADER - previous;
        }
        whole[at] = (byte) PayloadType.SK.number();
        return whole;
    }

    /**
     * The whole message, after {@link Outcome#COMPLETE}, which is then forgotten here.
     *
     * @throws IkeException if it is authentic and malformed
     */
    public OpenedMessage take() throws IkeException {
        IkeHeader whole = header;
        if (whole == null || texts.size() != total) {
            throw new IllegalStateException("fragments are missing");
        }
        OctetWriter inner = new OctetWriter();
        texts.values().forEach(inner::octets);
        byte[] before = associated;
        int first = firstType;
        clear();
        return OpenedMessage.of(whole, before, first, inner.toBytes());
    }

    /** Forgets what has come. */
    public void clear() {
        header = null;
        total = 0;
        cost = 0;
        associated = new byte[0];
        firstType = PayloadType.NO_NEXT_PAYLOAD;
        texts.clear();
    }
}
