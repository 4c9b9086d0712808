package org.ipsecif.config;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.ipsecif.sa.SecurityPolicy;

/** A program that takes SPD entries as text. What it cannot say stands in a comment, with the reason. */
public enum SpdDialect {
    /** setkey(8) of FreeBSD: {@code spdadd}, which has neither priorities nor a direction for forwarded packets. */
    SETKEY {
        @Override
        List<SecurityPolicy> inOrder(List<SecurityPolicy> policies) {
            return policies.stream()
                    .sorted(Comparator.comparingInt(SecurityPolicy::priority))
                    .toList();
        }

        @Override
        String statement(SecurityPolicy policy) {
            return SetkeyPolicies.statement(policy);
        }

        @Override
        List<String> reasons(SecurityPolicy policy) {
            return SetkeyPolicies.unsayable(policy);
        }
    },
    /** ip-xfrm(8) of iproute2, for a shell. */
    IP_XFRM {
        @Override
        String statement(SecurityPolicy policy) {
            return IpXfrmPolicies.statement(policy);
        }

        @Override
        List<String> reasons(SecurityPolicy policy) {
            return IpXfrmPolicies.unsayable(policy);
        }
    };

    /** The order of the statements: that of the daemon, which kernels keep in a dump, unless it is the only priority. */
    List<SecurityPolicy> inOrder(List<SecurityPolicy> policies) {
        return policies;
    }

    /** One entry as a statement, if need be without what cannot be said. */
    abstract String statement(SecurityPolicy policy);

    /** What of an entry cannot be said, or could be said but not be done. */
    abstract List<String> reasons(SecurityPolicy policy);

    /** As users write it: {@code ip-xfrm}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The dialect of this name. @throws ConfigException naming those there are */
    public static SpdDialect of(String word) throws ConfigException {
        for (SpdDialect each : values()) {
            if (each.word().equals(word)) {
                return each;
            }
        }
        List<String> words = Arrays.stream(values()).map(SpdDialect::word).toList();
        throw new ConfigException("\"" + word + "\": expected one of " + String.join(", ", words));
    }

    /** A script that makes these entries. */
    public String script(List<SecurityPolicy> policies) {
        StringBuilder script = new StringBuilder();
        for (SecurityPolicy policy : inOrder(policies)) {
            List<String> reasons = reasons(policy);
            reasons.forEach(reason -> script.append("# ")
                    .append(policy.name())
                    .append(": ")
                    .append(reason)
                    .append('\n'));
            script.append(reasons.isEmpty() ? "" : "# ")
                    .append(statement(policy))
                    .append('\n');
        }
        return script.toString();
    }
}
