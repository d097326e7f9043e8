package main

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// mark is on every packet that a ztunnel sends inside a pod, so that istio-cni's rules let it pass.
	mark           = 0x539
	originalDst    = 80
	outboundPort   = 15001
	inboundPort    = 15006
	hbonePort      = 15008
	dnsPort        = 15053
	connectSeconds = 10
	// ztunnel bounds the TCP connection to a peer alone, and waits for the handshake behind it: so long at the most here.
	handshakeSeconds = 120
	keepaliveSecond  = 180
)

// namespace is a network namespace, held open by a descriptor. Sockets stay in the one they were made in.
type namespace struct {
	file *os.File
	home *os.File
}

func ownNamespace() (*os.File, error) { return os.Open("/proc/self/ns/net") }

// within runs a function on a thread that stands in the namespace. A thread that cannot return ends with its goroutine.
func (n namespace) within(work func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- os.NewSyscallError("setns", err)
			runtime.UnlockOSThread()
			return
		}
		err := work()
		if unix.Setns(int(n.home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

func (n namespace) listen(port int) (net.Listener, error) {
	var listener net.Listener
	err := n.within(func() (err error) {
		config := net.ListenConfig{Control: markSocket(false)}
		config.SetMultipathTCP(false)
		address := netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port))
		listener, err = config.Listen(context.Background(), "tcp4", address.String())
		return err
	})
	return listener, err
}

// listenPacket stands on the loopback address: redirected datagrams go there, and the answers must come from there.
func (n namespace) listenPacket(port int) (net.PacketConn, error) {
	var listener net.PacketConn
	err := n.within(func() (err error) {
		config := net.ListenConfig{Control: markSocket(false)}
		address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
		listener, err = config.ListenPacket(context.Background(), "udp4", address.String())
		return err
	})
	return listener, err
}

// dial connects from inside the namespace; with `as`, under that source address, as if its owner had connected.
func (n namespace) dial(ctx context.Context, network string, to netip.AddrPort, as netip.Addr) (net.Conn, error) {
	var conn net.Conn
	err := n.within(func() (err error) {
		dialer := net.Dialer{Timeout: connectSeconds * 1e9, Control: markSocket(as.IsValid())}
		if as.IsValid() {
			dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(as, 0))
		}
		conn, err = dialer.DialContext(ctx, network, to.String())
		return err
	})
	return conn, err
}

func markSocket(transparent bool) func(string, string, syscall.RawConn) error {
	return func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, mark)
			if failed == nil && transparent {
				failed = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_TRANSPARENT, 1)
			}
		})
		if err != nil {
			return err
		}
		return os.NewSyscallError("setsockopt", failed)
	}
}

// destinationOf tells where a redirected connection was going.
func destinationOf(conn *net.TCPConn) (netip.AddrPort, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, err
	}
	var found netip.AddrPort
	var failed error
	err = raw.Control(func(fd uintptr) {
		// The structure is larger than the sockaddr_in that the kernel writes into it.
		answer, err := unix.GetsockoptIPv6Mreq(int(fd), unix.SOL_IP, originalDst)
		if err != nil {
			failed = os.NewSyscallError("SO_ORIGINAL_DST", err)
			return
		}
		bytes := answer.Multiaddr
		found = netip.AddrPortFrom(netip.AddrFrom4([4]byte(bytes[4:8])), binary.BigEndian.Uint16(bytes[2:4]))
	})
	if err != nil {
		return found, err
	}
	return found, failed
}

func peerOf(conn net.Conn) netip.AddrPort {
	address, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	return netip.AddrPortFrom(address.Addr().Unmap(), address.Port())
}
