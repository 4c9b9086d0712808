package org.ipsecif.platform.ipsecmb;

/**
 * Where fields lie, bytes from the beginning, and what they hold, in version 1.3 on a 64-bit host (intel-ipsec-mb.h). No other version is
 * used, since a field at another place is no error but a fault.
 */
final class Layout {
    static final String VERSION = "1.3.";

    /** The file that its ABI names. */
    static final String LIBRARY = "libIPSec_MB.so.1";

    private Layout() {}

    /** IMB_MGR. */
    static final class Manager {
        static final int ERROR = 60; // int imb_errno
        static final int GCM128_PRE = 448;
        static final int GET_NEXT_BURST = 952;
        static final int SUBMIT_BURST = 960;
        static final int NEXT_JOB = 1020; // int, bytes from JOBS
        static final int JOBS = 1024; // IMB_JOB[IMB_MAX_JOBS]

        private Manager() {}
    }

    /** IMB_JOB. */
    static final class Job {
        static final int SIZE = 200;
        static final int ENCRYPTION_KEYS = 0;
        static final int DECRYPTION_KEYS = 8;
        static final int KEY_LENGTH = 16;
        static final int SOURCE = 24;
        static final int DESTINATION = 32;
        static final int CIPHER_START = 40;
        static final int CIPHER_LENGTH = 48;
        static final int HASH_START = 56;
        static final int HASH_LENGTH = 64;
        static final int IV = 72;
        static final int IV_LENGTH = 80;
        static final int TAG = 88;
        static final int TAG_LENGTH = 96;
        static final int AAD = 104; // u.GCM.aad
        static final int AAD_LENGTH = 112;
        static final int CIPHER_MODE = 132; // int
        static final int DIRECTION = 136; // int
        static final int HASH = 140; // int
        static final int ORDER = 144; // int

        private Job() {}
    }

    static final int MAX_JOBS = 256; // IMB_MAX_JOBS

    static final int CIPHER_GCM = 5; // IMB_CIPHER_GCM
    static final int HASH_AES_GMAC = 9; // IMB_AUTH_AES_GMAC
    static final int ENCRYPT = 1; // IMB_DIR_ENCRYPT
    static final int DECRYPT = 2; // IMB_DIR_DECRYPT
    static final int CIPHER_THEN_HASH = 1; // IMB_ORDER_CIPHER_HASH
    static final int HASH_THEN_CIPHER = 2; // IMB_ORDER_HASH_CIPHER
    static final int COMPLETED = 3; // IMB_STATUS_COMPLETED

    /** Bytes of struct gcm_key_data. */
    static final int GCM_KEY = 1008;

    /** Which it has to lie on. */
    static final int GCM_KEY_ALIGNMENT = 64;
}
