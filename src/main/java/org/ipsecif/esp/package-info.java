/** RFC 4303 encapsulation and decapsulation in tunnel mode. */
@NullMarked
package org.ipsecif.esp;

import org.jspecify.annotations.NullMarked;
