package org.ipsecif.ike.message;

import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What proposals and transforms begin with (RFC 7296 sections 3.3.1 and 3.3.2): whether another follows, a reserved byte, and
 * the length of it all.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Last Substruc |   RESERVED    |            Length             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
final class Substructures {
    private static final int HEADER = 4;
    private static final int LAST = 0;

    private Substructures() {}

    /** Whether the substructure that begins here is followed by another: 0 for no, {@code moreMark} for yes. */
    static boolean more(OctetReader in, int moreMark) throws IkeException {
        int mark = in.u8();
        if (mark != LAST && mark != moreMark) {
            throw in.malformed("is followed by " + mark + " where only " + LAST + " or " + moreMark + " can stand");
        }
        in.skip(1);
        return mark != LAST;
    }

    /** The substructure's content, once {@link #more} has read what stands before the length. */
    static OctetReader part(OctetReader in, String name) throws IkeException {
        int length = in.u16();
        if (length < HEADER) {
            throw in.malformed("has a " + name + " of " + length + " bytes");
        }
        return in.part(length - HEADER, name);
    }

    static <T> void write(OctetWriter out, List<T> all, int moreMark, BiConsumer<T, OctetWriter> content) {
        for (Iterator<T> each = all.iterator(); each.hasNext(); ) {
            T next = each.next();
            int start = out.length();
            out.u8(each.hasNext() ? moreMark : LAST).zeros(HEADER - 1);
            content.accept(next, out);
            out.u16At(start + 2, out.length() - start);
        }
    }
}
