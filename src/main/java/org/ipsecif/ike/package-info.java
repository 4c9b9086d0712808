/**
 * IKEv2 (RFC 7296). Messages go in and out as bytes, time is told, SAs are handed over: nothing here does input or output. One
 * thread owns all of it.
 */
@NullMarked
package org.ipsecif.ike;

import org.jspecify.annotations.NullMarked;
