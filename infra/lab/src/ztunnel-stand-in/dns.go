package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// listenDNS takes the pod's questions, which istio-cni redirects, and passes them on to the cluster's DNS.
// ztunnel answers for services of the mesh itself; the stand-in does not need to.
func (p *proxy) listenDNS() error {
	packets, err := p.namespace.listenPacket(dnsPort)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, packets)
	go p.serveDNSPackets(packets)
	listener, err := p.namespace.listen(dnsPort)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, listener)
	go accept(listener, p.serveDNSStream)
	return nil
}

func upstreamDNS() (netip.AddrPort, error) {
	text, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return netip.AddrPort{}, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "nameserver" {
			address, err := netip.ParseAddr(fields[1])
			return netip.AddrPortFrom(address, 53), err
		}
	}
	return netip.AddrPort{}, errors.New("/etc/resolv.conf names no nameserver")
}

func (p *proxy) serveDNSPackets(packets net.PacketConn) {
	for {
		question := make([]byte, 4096)
		count, client, err := packets.ReadFrom(question)
		if err != nil {
			return
		}
		go func() {
			upstream, err := p.dialDNS("udp4")
			if err != nil {
				return
			}
			defer upstream.Close()
			_ = upstream.SetDeadline(time.Now().Add(5 * time.Second))
			if _, err := upstream.Write(question[:count]); err != nil {
				return
			}
			answer := make([]byte, 4096)
			if count, err := upstream.Read(answer); err == nil {
				_, _ = packets.WriteTo(answer[:count], client)
			}
		}()
	}
}

func (p *proxy) serveDNSStream(client net.Conn) {
	defer client.Close()
	upstream, err := p.dialDNS("tcp4")
	if err != nil {
		return
	}
	defer upstream.Close()
	go func() {
		_, _ = io.Copy(upstream, client)
		_ = upstream.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(client, upstream)
}

func (p *proxy) dialDNS(network string) (net.Conn, error) {
	server, err := upstreamDNS()
	if err != nil {
		return nil, err
	}
	return p.namespace.dial(context.Background(), network, server, netip.Addr{})
}
