package org.ipsecif.platform.pfkey;

/** What may be wrong with bytes that claim to be a message. */
enum Flaw {
    /** Cut off before the end of its header. */
    SHORT,
    /** Not PF_KEY_V2. */
    VERSION,
    /** The header has another length than what came. */
    LENGTH,
    /** An extension of no length, or that goes on past the end. */
    EXTENSION_LENGTH,
    /** An extension too short for its structure. */
    EXTENSION_SHORT,
    /** SADB_EXT_RESERVED. */
    EXTENSION_TYPE,
    /** An extension twice. */
    REPEATED,
    /** A sockaddr of another family, or of the wrong length. */
    ADDRESS,
    /** A prefix longer than its address. */
    PREFIX,
    /** A key longer than its extension. */
    KEY,
    /** A sadb_x_ipsecrequest whose length cannot be. */
    REQUEST
}
