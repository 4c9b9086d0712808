/** Algorithms under their IANA and RFC names; the only user of Bouncy Castle and JCE. */
@NullMarked
package org.ipsecif.crypto;

import org.jspecify.annotations.NullMarked;
