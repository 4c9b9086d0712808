/** The only face of an operating system. */
@NullMarked
package org.ipsecif.platform;

import org.jspecify.annotations.NullMarked;
