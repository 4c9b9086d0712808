package org.ipsecif.platform.pfkey;

import java.util.List;
import org.ipsecif.platform.KernelCopies;
import org.ipsecif.platform.KernelCopy;
import org.ipsecif.sa.SecurityPolicy;
import org.jspecify.annotations.Nullable;

/** The kernel's entries are the policies themselves, or nothing is made: whoever chose PF_KEY has templates for it. */
public final class VerbatimCopies implements KernelCopies {
    private final PolicyMessages messages;

    public VerbatimCopies(Dialect dialect) {
        messages = new PolicyMessages(dialect);
    }

    @Override
    public KernelCopy of(List<SecurityPolicy> policies, Facts facts) {
        return KernelCopy.same(policies);
    }

    @Override
    public @Nullable String refusal(SecurityPolicy entry) {
        try {
            messages.add(entry);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }
}
