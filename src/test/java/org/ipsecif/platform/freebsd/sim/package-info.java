/** A FreeBSD host in Java, as strict as the real one, written from the facts and not from the code that it tests. */
@NullMarked
package org.ipsecif.platform.freebsd.sim;

import org.jspecify.annotations.NullMarked;
