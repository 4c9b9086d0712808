/** RFC 4303 encapsulation and decapsulation. */
@NullMarked
package org.ipsecif.esp;

import org.jspecify.annotations.NullMarked;
