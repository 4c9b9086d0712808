package org.ipsecif.daemon;

import org.ipsecif.ike.IkeEvents;
import org.ipsecif.ike.Path;
import org.ipsecif.ike.message.IkeMessage;
import org.ipsecif.ike.message.MessageText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** IKE's events in the daemon's log, a line each. */
final class IkeLog implements IkeEvents {
    private static final Logger LOG = LoggerFactory.getLogger("ike");

    @Override
    public void log(String peer, String line) {
        LOG.info("{}: {}", peer, line);
    }

    @Override
    public void warn(String peer, String line) {
        LOG.warn("{}: {}", peer, line);
    }

    @Override
    public void message(String peer, Path path, boolean outbound, IkeMessage message) {
        if (LOG.isDebugEnabled()) {
            LOG.debug("{}: {} {} {}", peer, path, outbound ? "-->" : "<--", MessageText.line(message));
        }
    }
}
