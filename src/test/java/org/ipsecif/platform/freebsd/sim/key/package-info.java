/**
 * PF_KEY and the SPD of a simulated FreeBSD kernel, written from netipsec/key.c, keysock.c, ipsec.c and ipsec_output.c. Nothing here may use
 * the code that it is to test.
 */
@NullMarked
package org.ipsecif.platform.freebsd.sim.key;

import org.jspecify.annotations.NullMarked;
