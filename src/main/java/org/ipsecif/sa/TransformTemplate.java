package org.ipsecif.sa;

import java.util.Locale;

/**
 * What a PROTECT policy asks of an SA; the kernels' {@code xfrm_user_tmpl} and {@code sadb_x_ipsecrequest}. Always ESP.
 *
 * @param mode tunnel or transport
 * @param source outer source of the packets that the policy selects
 * @param destination outer destination
 * @param level see {@link Level}
 * @param reqid 32 bits, unsigned; 0 when the level is not unique
 */
public record TransformTemplate(IpsecMode mode, IpAddress source, IpAddress destination, Level level, int reqid) {
    /** In setkey(8)'s notation: {@code esp/tunnel/203.0.113.1-203.0.113.2/unique:100}. */
    public String words() {
        String id = reqid == 0 ? "" : ":" + Integer.toUnsignedString(reqid);
        return "esp/" + word(mode) + "/" + source + "-" + destination + "/" + word(level) + id;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
