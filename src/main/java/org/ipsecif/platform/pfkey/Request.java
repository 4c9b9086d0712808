package org.ipsecif.platform.pfkey;

/** What may be asked of the kernel. SADB_FLUSH and SADB_X_SPDFLUSH are not here: they take others' entries along. */
enum Request {
    GETSPI(Sadb.SADB_GETSPI),
    UPDATE(Sadb.SADB_UPDATE),
    ADD(Sadb.SADB_ADD),
    DELETE(Sadb.SADB_DELETE),
    GET(Sadb.SADB_GET),
    REGISTER(Sadb.SADB_REGISTER),
    DUMP(Sadb.SADB_DUMP),
    SPDUPDATE(Sadb.SADB_X_SPDUPDATE),
    SPDADD(Sadb.SADB_X_SPDADD),
    SPDDELETE(Sadb.SADB_X_SPDDELETE),
    SPDGET(Sadb.SADB_X_SPDGET),
    SPDDUMP(Sadb.SADB_X_SPDDUMP),
    SPDDELETE2(Sadb.SADB_X_SPDDELETE2);

    private final int type;

    Request(int type) {
        this.type = type;
    }

    /** SADB_*. */
    int type() {
        return type;
    }

    /** As the headers have it, for messages. */
    String words() {
        return (name().startsWith("SPD") ? "SADB_X_" : "SADB_") + name();
    }
}
