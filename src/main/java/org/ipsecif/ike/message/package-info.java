/**
 * IKEv2 messages (RFC 7296 section 3): bytes to records and back, protection and fragmentation. No I/O, no state, no algorithm:
 * what encrypts is injected as {@link org.ipsecif.ike.message.MessageProtection}.
 *
 * <p>Every length is checked before it is used. What is well-formed is kept whole, also what nobody here knows: for a message
 * whose reserved bits are zero, as senders must have them, {@code encode(parse(x))} is {@code x}. Reserved bits are ignored on
 * receipt (RFC 7296 section 2.5) and sent as zero, so that any other message comes back as the one its sender should have
 * sent; what is signed or authenticated is therefore the bytes that came, never a message that was encoded again.
 */
@NullMarked
package org.ipsecif.ike.message;

import org.jspecify.annotations.NullMarked;
