/** PF_KEY v2 (RFC 2367) with KAME's extensions, as FreeBSD and Linux speak it: the kernel's SPD and SADB. */
@NullMarked
package org.ipsecif.platform.pfkey;

import org.jspecify.annotations.NullMarked;
