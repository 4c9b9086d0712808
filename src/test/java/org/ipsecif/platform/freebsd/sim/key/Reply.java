package org.ipsecif.platform.freebsd.sim.key;

import static org.ipsecif.platform.freebsd.sim.key.KeyNumbers.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A message from the kernel, written extension by extension. */
final class Reply {
    private final ByteBuffer bytes = ByteBuffer.allocate(16384).order(ByteOrder.LITTLE_ENDIAN);

    /** With the asker's header; errno is cleared. */
    Reply(byte[] header) {
        bytes.put(header).put(2, (byte) 0);
    }

    /** key_setsadbmsg. */
    Reply(int type, int satype, int seq, int pid, int reserved) {
        bytes.put((byte) PF_KEY_V2).put((byte) type).put((byte) 0).put((byte) satype);
        bytes.putShort((short) 0).putShort((short) reserved).putInt(seq).putInt(pid);
    }

    Reply put(byte[] extension) {
        bytes.put(extension);
        return this;
    }

    /** Room for an extension, its header written, zeros behind it. */
    private ByteBuffer extension(int type, int length) {
        ByteBuffer slice = bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + length);
        return slice.putShort((short) (length / 8)).putShort((short) type);
    }

    /** key_setsadbaddr. */
    Reply address(int type, KeyAddress address, int prefix, int protocol) {
        ByteBuffer to = extension(type, 8 + align8(address.length()));
        to.put((byte) protocol).put((byte) (prefix == FULLMASK ? address.bits() : prefix));
        to.put(8, address.bytes);
        return this;
    }

    /** key_setsadbsa. */
    Reply sa(Sa sa) {
        ByteBuffer to = extension(EXT_SA, 16);
        to.put(sa.spiBytes()).put((byte) Math.min(255, sa.window)).put((byte) sa.state);
        to.put((byte) sa.authentication).put((byte) sa.encryption).putInt(sa.flags & SA_FLAGS_MAX);
        return this;
    }

    /** key_setsadbxsa2. */
    Reply sa2(int mode, int sequence, int reqid) {
        extension(EXT_SA2, 16)
                .put((byte) mode)
                .put(new byte[3])
                .putInt(sequence)
                .putInt(reqid);
        return this;
    }

    /** key_setlifetime. */
    Reply lifetime(int type, Lifetime life) {
        extension(type, 32)
                .putInt(life.allocations())
                .putLong(life.bytes())
                .putLong(life.addTime())
                .putLong(life.useTime());
        return this;
    }

    /** key_setkey. @param bits of it that count */
    Reply key(int type, int bits, byte[] key) {
        extension(type, align8(8 + bits / 8))
                .putShort((short) bits)
                .putShort((short) 0)
                .put(key, 0, bits / 8);
        return this;
    }

    /** key_setsadbxport, or key_setsadbxtype: eight bytes with two bytes in network order. */
    Reply small(int type, int value) {
        extension(type, 8).put((byte) (value >> 8)).put((byte) value);
        return this;
    }

    /** key_setsadbxsareplay. @param packets the window */
    Reply replay(int packets) {
        extension(EXT_SA_REPLAY, 8).putInt(packets);
        return this;
    }

    /** key_setsadbxpolicy. */
    Reply policyId(Policy policy) {
        extension(EXT_POLICY, 16)
                .putShort((short) policy.type)
                .put((byte) policy.direction)
                .put((byte) 0)
                .putInt(policy.id)
                .putInt(policy.priority);
        return this;
    }

    /** key_sp2msg. */
    Reply policy(Policy policy) {
        int length = 16;
        for (PolicyRequest request : policy.requests) {
            length += request.length();
        }
        ByteBuffer to = extension(EXT_POLICY, length);
        to.putShort((short) policy.type).put((byte) policy.direction).put((byte) policy.scope());
        to.putInt(policy.id).putInt(policy.priority);
        for (PolicyRequest request : policy.requests) {
            int at = to.position();
            to.putShort((short) request.length()).putShort((short) request.protocol());
            to.put((byte) request.mode()).put((byte) request.level()).putShort((short) request.reqid());
            to.put(request.source().bytes).put(request.destination().bytes);
            to.position(at + request.length());
        }
        return this;
    }

    /** Bytes now, its length filled in. */
    byte[] bytes() {
        byte[] message = new byte[bytes.position()];
        bytes.putShort(4, (short) (message.length / 8)).get(0, message);
        return message;
    }
}
