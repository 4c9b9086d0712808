/** ESP's algorithms by the fewest calls of JCE: what the product's time and allocation are measured against. */
@NullMarked
package org.ipsecif.bare;

import org.jspecify.annotations.NullMarked;
