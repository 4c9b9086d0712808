package org.ipsecif.daemon;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Automatic reqids, as if_ipsec(4) gives them: above those that setkey(8) takes by hand (1 to 32,767). An interface gets
 * the same one after a restart where it can: the range's start plus its unit number.
 */
final class ReqidAllocator {
    static final int FIRST = 0x8000;
    static final int LAST = 0xffff;

    private static final Pattern UNIT = Pattern.compile("(\\d{1,5})$");

    private ReqidAllocator() {}

    /**
     * A reqid that nobody has.
     *
     * @param taken reqids of our interfaces and of anybody's kernel policies
     * @return 0 if the range is used up
     */
    static int allocate(String interfaceName, Set<Integer> taken) {
        Matcher matcher = UNIT.matcher(interfaceName);
        int preferred = FIRST + (matcher.find() ? Integer.parseInt(matcher.group(1)) : 0);
        if (preferred <= LAST && !taken.contains(preferred)) {
            return preferred;
        }
        for (int reqid = FIRST; reqid <= LAST; reqid++) {
            if (!taken.contains(reqid)) {
                return reqid;
            }
        }
        return 0;
    }
}
