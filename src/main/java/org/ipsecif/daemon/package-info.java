/** Composition root: picks an operating system and joins the parts. */
@NullMarked
package org.ipsecif.daemon;

import org.jspecify.annotations.NullMarked;
