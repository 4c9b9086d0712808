package org.ipsecif.platform.ipsecmb;

import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Platform;
import jnr.ffi.mapper.FunctionMapper;
import jnr.ffi.types.u_int64_t;
import org.ipsecif.crypto.AcceleratedKey;
import org.ipsecif.crypto.CipherAccelerator;
import org.ipsecif.crypto.CipherBurst;
import org.ipsecif.crypto.EncryptionAlgorithm;
import org.jspecify.annotations.Nullable;

/** libIPSec_MB as the process has loaded it. */
public final class IpsecMb implements CipherAccelerator {
    /** Of the functions that do the same by other instructions. */
    private static final List<String> BURSTS =
            List.of("avx512_t2", "avx512_t1", "avx2_t2", "avx2_t1", "avx_t2", "avx_t1", "sse_t3", "sse_t2", "sse_t1");

    private static final List<String> GCMS = List.of("vaes_avx512", "avx512", "avx_gen4", "avx_gen2", "sse");
    private static final Cleaner CLEANER = Cleaner.create();

    /** Whatever the processor. */
    public interface Common {
        String imb_get_version_str();

        @u_int64_t
        long alloc_mb_mgr(@u_int64_t long flags);

        void init_mb_mgr_auto(@u_int64_t long manager, @u_int64_t long architecture);

        void free_mb_mgr(@u_int64_t long manager);
    }

    /** For one kind of processor. */
    public interface Chosen {
        /** @param jobs address of pointers, which it writes. @return how many */
        int get_next_burst(@u_int64_t long manager, int count, @u_int64_t long jobs);

        /** @return how many are done */
        int submit_burst(@u_int64_t long manager, int count, @u_int64_t long jobs);

        void aes_gcm_pre_128(@u_int64_t long key, @u_int64_t long schedule);

        void aes_gcm_pre_192(@u_int64_t long key, @u_int64_t long schedule);

        void aes_gcm_pre_256(@u_int64_t long key, @u_int64_t long schedule);
    }

    private final Common common;
    private final Chosen chosen;
    private final String name;

    private IpsecMb(Common common, Chosen chosen, String name) {
        this.common = common;
        this.chosen = chosen;
        this.name = name;
    }

    /**
     * Loads the library and tries it.
     *
     * @return it, if it is there, is of the version that this was written for, and gives what it has to
     */
    public static IpsecMb load() throws UnusableException {
        if (Platform.getNativePlatform().getCPU() != Platform.CPU.X86_64) {
            throw new UnusableException("not for this processor");
        }
        Library symbols = Library.openLibrary(Layout.LIBRARY, Library.LAZY | Library.LOCAL);
        if (symbols == null) {
            throw new UnusableException("not installed");
        }
        Common common = LibraryLoader.create(Common.class).failImmediately().load(Layout.LIBRARY);
        String version = common.imb_get_version_str();
        if (!version.startsWith(Layout.VERSION)) {
            throw new UnusableException("version " + version + ", not " + Layout.VERSION + "*");
        }
        String[] kinds = kinds(common, symbols);
        FunctionMapper mapper =
                (function, context) -> function + "_" + (function.startsWith("aes_gcm") ? kinds[1] : kinds[0]);
        Chosen chosen = LibraryLoader.create(Chosen.class)
                .option(LibraryOption.FunctionMapper, mapper)
                .failImmediately()
                .load(Layout.LIBRARY);
        IpsecMb library = new IpsecMb(common, chosen, "libIPSec_MB " + version + " (" + kinds[1] + ")");
        SelfTest.run(library);
        return library;
    }

    /** What it has chosen for this processor: the pointers of a manager say so, if they lie where they should. */
    private static String[] kinds(Common common, Library symbols) throws UnusableException {
        long manager = newManager(common);
        try {
            ByteBuffer fields = memory(manager, Layout.Manager.JOBS);
            String burst = kind(symbols, "submit_burst_", BURSTS, fields.getLong(Layout.Manager.SUBMIT_BURST));
            String next = kind(symbols, "get_next_burst_", BURSTS, fields.getLong(Layout.Manager.GET_NEXT_BURST));
            String gcm = kind(symbols, "aes_gcm_pre_128_", GCMS, fields.getLong(Layout.Manager.GCM128_PRE));
            if (!burst.equals(next)) {
                throw new UnusableException("functions of two kinds, " + burst + " and " + next);
            }
            return new String[] {burst, gcm};
        } finally {
            common.free_mb_mgr(manager);
        }
    }

    private static String kind(Library symbols, String prefix, List<String> kinds, long address)
            throws UnusableException {
        for (String kind : kinds) {
            if (address != 0 && symbols.getSymbolAddress(prefix + kind) == address) {
                return kind;
            }
        }
        throw new UnusableException("no " + prefix + "* is where it should be");
    }

    private static long newManager(Common common) throws UnusableException {
        long manager = common.alloc_mb_mgr(0);
        if (manager == 0) {
            throw new UnusableException("no memory");
        }
        common.init_mb_mgr_auto(manager, 0);
        int error = memory(manager, Layout.Manager.JOBS).getInt(Layout.Manager.ERROR);
        if (error != 0) {
            common.free_mb_mgr(manager);
            throw new UnusableException("error " + error);
        }
        return manager;
    }

    static ByteBuffer memory(long address, int size) {
        return MemoryIO.getInstance().newDirectByteBuffer(address, size).order(ByteOrder.nativeOrder());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public @Nullable AcceleratedKey newKey(EncryptionAlgorithm algorithm, byte[] key, byte[] salt, boolean esn) {
        if (algorithm != EncryptionAlgorithm.ENCR_AES_GCM_16 && algorithm != EncryptionAlgorithm.ENCR_AES_GCM_12) {
            return null;
        }
        return new GcmKey(chosen, algorithm, key, salt, esn);
    }

    @Override
    public CipherBurst newBurst() {
        try {
            long manager = newManager(common);
            GcmBurst burst = new GcmBurst(chosen, manager);
            Common library = common;
            CLEANER.register(burst, () -> library.free_mb_mgr(manager));
            return burst;
        } catch (UnusableException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
