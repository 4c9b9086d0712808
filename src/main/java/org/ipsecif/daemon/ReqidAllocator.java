package org.ipsecif.daemon;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ipsecif.platform.ReqidRange;

/**
 * Automatic reqids. An interface gets the same one after a restart where it can: the range's start plus its unit number.
 */
final class ReqidAllocator {
    private static final Pattern UNIT = Pattern.compile("(\\d{1,5})$");

    private final ReqidRange range;

    ReqidAllocator(ReqidRange range) {
        this.range = range;
    }

    /**
     * A reqid that nobody has.
     *
     * @param taken reqids of our interfaces and of anybody's kernel policies
     * @return 0 if the range is used up
     */
    int allocate(String interfaceName, Set<Integer> taken) {
        Matcher matcher = UNIT.matcher(interfaceName);
        int preferred = range.firstAutomatic() + (matcher.find() ? Integer.parseInt(matcher.group(1)) : 0);
        if (preferred <= range.lastAutomatic() && !taken.contains(preferred)) {
            return preferred;
        }
        for (int reqid = range.firstAutomatic(); reqid <= range.lastAutomatic(); reqid++) {
            if (!taken.contains(reqid)) {
                return reqid;
            }
        }
        return 0;
    }
}
