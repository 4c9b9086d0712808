package org.ipsecif.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.ipsecif.platform.DatagramRun;
import org.ipsecif.platform.Datagrams;
import org.ipsecif.platform.EspTransport;
import org.ipsecif.platform.PacketBuffer;
import org.ipsecif.platform.UdpEndpoint;
import org.ipsecif.sa.IpAddress;
import org.ipsecif.wire.OuterHeader;

/** A way out that says of each datagram what comes of it. Nothing comes in. */
final class ScriptedWire extends HostEnd.Memory implements EspTransport {
    /** What a send comes to. */
    interface Answer {
        /**
         * @param attempt counts from 0
         * @return 0, TOO_BIG or an errno
         */
        int to(int attempt, byte[] datagram, OuterHeader outer);
    }

    /** A datagram that went out. @param run which call it went with */
    record Out(byte[] datagram, UdpEndpoint remote, int trafficClass, boolean dontFragment, int run) {}

    final List<Out> out = new ArrayList<>();

    /** How many datagrams each call was given. */
    final List<Integer> runs = new ArrayList<>();

    private final Encapsulation encapsulation;
    private final Answer answer;
    private int attempts;

    ScriptedWire(Encapsulation encapsulation, Answer answer) {
        this.encapsulation = encapsulation;
        this.answer = answer;
    }

    /** Makes an end send by it. */
    static ScriptedWire of(HostEnd end, Answer answer) {
        ScriptedWire wire = new ScriptedWire(end.wire.encapsulation, answer);
        wire.carry(end, EspTransport.UDP_PORT);
        return wire;
    }

    /** As the end now is, to that port of the peer. */
    void carry(HostEnd end, int port) {
        TunnelState state = end.tunnel.state();
        if (state == null) {
            throw new IllegalStateException("no state");
        }
        end.tunnel.publish(new TunnelState(
                state.endpoints(),
                this,
                new UdpEndpoint(state.endpoints().remote(), port),
                state.policies(),
                state.outbound(),
                state.settings(),
                state.mtu(),
                state.pathMtu(),
                state.inner4(),
                state.inner6()));
    }

    @Override
    public int send(DatagramRun run, UdpEndpoint remote, OuterHeader outer) {
        runs.add(run.count());
        while (!run.isEmpty()) {
            byte[] datagram = new byte[run.firstLength()];
            run.buffer().bytes().get(run.offset(), datagram);
            int result = answer.to(attempts++, datagram, outer);
            if (result != 0) {
                return result;
            }
            out.add(new Out(datagram, remote, outer.trafficClass(), outer.dontFragment(), runs.size() - 1));
            run.skip(1);
        }
        return 0;
    }

    @Override
    public IpAddress local() {
        return HostEnd.A;
    }

    @Override
    public Encapsulation encapsulation() {
        return encapsulation;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, OuterHeader outer) {
        return NOTHING;
    }

    @Override
    public int receive(PacketBuffer into, Datagrams datagrams) {
        return NOTHING;
    }

    @Override
    public int receiveSize() {
        return 1;
    }

    @Override
    public int receiveCount() {
        return 1;
    }

    @Override
    public UdpEndpoint source() {
        return new UdpEndpoint(HostEnd.B, UDP_PORT);
    }

    @Override
    public UdpEndpoint source(int datagram) {
        return source();
    }

    @Override
    public int send(byte[] buffer, int offset, int length, UdpEndpoint remote, OuterHeader outer) {
        throw new UnsupportedOperationException("walks send runs");
    }
}
