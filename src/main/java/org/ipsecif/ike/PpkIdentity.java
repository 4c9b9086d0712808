package org.ipsecif.ike;

import java.nio.charset.StandardCharsets;
import org.ipsecif.ike.message.OctetWriter;
import org.ipsecif.ike.message.Octets;
import org.jspecify.annotations.Nullable;

/** How a post-quantum preshared key is named in PPK_IDENTITY (RFC 8784 section 5.1): a byte for the kind, then the name. */
final class PpkIdentity {
    /** PPK_ID_FIXED: name and key are what both ends were given, and do not change. */
    private static final int FIXED = 2;

    private static final int MAX_SHOWN = 40;

    private PpkIdentity() {}

    static Octets encode(Octets id) {
        return new OctetWriter().u8(FIXED).octets(id).toOctets();
    }

    /** @return null for another kind */
    static @Nullable Octets decode(Octets data) {
        byte[] bytes = data.toBytes();
        return bytes.length > 1 && bytes[0] == FIXED ? Octets.of(bytes, 1, bytes.length - 1) : null;
    }

    /** For logs: what somebody may have made up to spoil them is left out. */
    static String text(@Nullable Octets id) {
        if (id == null) {
            return "of a kind that is not known";
        }
        String text = new String(id.toBytes(), StandardCharsets.ISO_8859_1);
        String shown = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
        return "\"" + shown.replaceAll("[^ -~]|[\"\\\\]", "?") + "\"";
    }

    /** Whether an IKE SA that is about to be up has one, if this end has any. */
    static void tell(IkeEndpoint endpoint, IkeSa sa, Credentials.@Nullable Ppk ppk) {
        if (ppk != null) {
            endpoint.host().events().log(sa.name(), "with the post-quantum preshared key " + text(ppk.id()));
        } else if (sa.peer().ppk() != PpkUse.NONE) {
            endpoint.host()
                    .events()
                    .warn(sa.name(), "without a post-quantum preshared key: peer does not have it; see ppk_required");
        }
    }
}
