/**
 * Intel's Multi-Buffer Crypto for IPsec library (libIPSec_MB) through jnr-ffi, where it is installed: AES-GCM for many packets in one
 * call. See docs/adr/008-native-aes-gcm.md.
 */
@NullMarked
package org.ipsecif.platform.ipsecmb;

import org.jspecify.annotations.NullMarked;
