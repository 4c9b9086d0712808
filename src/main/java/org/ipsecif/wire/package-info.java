/** Bounds-checked views and writers for packet bytes; checksums. */
@NullMarked
package org.ipsecif.wire;

import org.jspecify.annotations.NullMarked;
