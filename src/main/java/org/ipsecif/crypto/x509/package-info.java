/** Signatures, private keys and X.509 certificates, as IKEv2 authenticates peers with them (RFC 7427, RFC 5280, RFC 4945). */
@NullMarked
package org.ipsecif.crypto.x509;

import org.jspecify.annotations.NullMarked;
