package org.ipsecif.platform.freebsd;

/** bpf(4), named as in {@link Abi}. */
final class BpfAbi {
    // net/bpf.h
    static final long BIOCGBLEN = 0x40044266L;
    static final long BIOCSBLEN = 0xc0044266L;
    static final long BIOCSETF = 0x80104267L;
    static final long BIOCGDLT = 0x4004426aL;
    static final long BIOCSETIF = 0x8020426cL;
    static final long BIOCGSTATS = 0x4008426fL;
    static final long BIOCIMMEDIATE = 0x80044270L;
    static final long BIOCSDIRECTION = 0x80044277L;
    static final int BPF_D_IN = 0;

    static final int BPF_MAXBUFSIZE = 0x80000;
    static final int DLT_NULL = 0;
    static final int DLT_EN10MB = 1;
    static final int DLT_RAW = 12;
    static final int DLT_LOOP = 108;

    static final int BPF_HDR_BH_CAPLEN = 16;
    static final int BPF_HDR_BH_DATALEN = 20;
    static final int BPF_HDR_BH_HDRLEN = 24;
    static final int SIZEOF_BPF_STAT = 8;
    static final int BPF_STAT_BS_DROP = 4;
    static final int SIZEOF_BPF_PROGRAM = 16;
    static final int BPF_PROGRAM_BF_LEN = 0;
    static final int BPF_PROGRAM_BF_INSNS = 8;
    static final int SIZEOF_BPF_INSN = 8;
    static final int BPF_INSN_JT = 2;
    static final int BPF_INSN_JF = 3;

    static final int BPF_LD = 0x00;
    static final int BPF_JMP = 0x05;
    static final int BPF_RET = 0x06;
    static final int BPF_W = 0x00;
    static final int BPF_H = 0x08;
    static final int BPF_B = 0x10;
    static final int BPF_ABS = 0x20;
    static final int BPF_JEQ = 0x10;
    static final int BPF_JGE = 0x30;
    static final int BPF_K = 0x00;

    private BpfAbi() {}
}
