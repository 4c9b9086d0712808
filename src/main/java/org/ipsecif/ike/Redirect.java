package org.ipsecif.ike;

import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.NotifyType;

/**
 * REDIRECT, by which a peer sends others elsewhere (RFC 5685). This end never says REDIRECT_SUPPORTED and goes nowhere: a gateway is
 * who is configured, and in IKE_SA_INIT anybody could say such a thing.
 */
final class Redirect {
    private Redirect() {}

    /** Tells of it, once for an IKE SA. @return whether the message has it */
    static boolean tell(IkeEndpoint endpoint, IkeSa sa, IkeMessage message) {
        boolean there = message.has(NotifyType.REDIRECT);
        if (there && !sa.redirectTold) {
            sa.redirectTold = true;
            endpoint.host()
                    .events()
                    .warn(
                            sa.name(),
                            sa.path().remote()
                                    + " sends us elsewhere (REDIRECT, RFC 5685), which is ignored: configure where"
                                    + " to go");
        }
        return there;
    }
}
