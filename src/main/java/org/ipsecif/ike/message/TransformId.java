package org.ipsecif.ike.message;

/** An algorithm under the number it is negotiated by. */
public interface TransformId extends IanaNumber {
    /** The registry that the number is of; key exchange methods serve as additional ones too (RFC 9370). */
    TransformType transformType();
}
