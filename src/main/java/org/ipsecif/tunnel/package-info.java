/** One interface and its two packet walks, workers, counters. */
@NullMarked
package org.ipsecif.tunnel;

import org.jspecify.annotations.NullMarked;
