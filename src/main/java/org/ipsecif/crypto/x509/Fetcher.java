package org.ipsecif.crypto.x509;

import java.io.IOException;
import java.net.URI;

/** Gets what a CA publishes. Blocks, so it is never called on a thread that others wait for. Any thread. */
public interface Fetcher {
    /** @throws IOException with words for an administrator */
    byte[] get(URI uri) throws IOException;

    /** @throws IOException with words for an administrator */
    byte[] post(URI uri, String contentType, byte[] body) throws IOException;
}
