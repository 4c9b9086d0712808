package org.ipsecif.ike.message;

/** A protection by ciphers of the JDK that seals with an IV it is told, as somebody else has sealed before. */
interface RecordedProtection extends MessageProtection {
    void useIvOf(byte[] sealed);
}
