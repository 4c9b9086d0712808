/** libc through jnr-ffi, shared by the operating systems. */
@NullMarked
package org.ipsecif.platform.posix;

import org.jspecify.annotations.NullMarked;
