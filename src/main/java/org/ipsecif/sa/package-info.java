/** RFC 4301's databases: addresses, selectors, SPD, SAD, replay window. */
@NullMarked
package org.ipsecif.sa;

import org.jspecify.annotations.NullMarked;
