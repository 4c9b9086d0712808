/** FreeBSD: tun(4), interface ioctls, routing socket, kqueue, bpf(4), raw and UDP sockets. */
@NullMarked
package org.ipsecif.platform.freebsd;

import org.jspecify.annotations.NullMarked;
