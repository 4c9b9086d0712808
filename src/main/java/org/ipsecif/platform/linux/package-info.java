/** Linux: TUN ioctls, rtnetlink, XFRM, raw and UDP sockets. */
@NullMarked
package org.ipsecif.platform.linux;

import org.jspecify.annotations.NullMarked;
