/** Packet captures: reading, writing, and decrypting the ESP in them. */
@NullMarked
package org.ipsecif.capture;

import org.jspecify.annotations.NullMarked;
