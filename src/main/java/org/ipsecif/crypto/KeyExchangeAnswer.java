package org.ipsecif.crypto;

/**
 * What a responder makes of the initiator's public value.
 *
 * @param publicValue Key Exchange Data of the KE payload to answer with
 * @param sharedSecret the receiver closes it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KeyExchangeAnswer(byte[] publicValue, KeyMaterial sharedSecret) {}
