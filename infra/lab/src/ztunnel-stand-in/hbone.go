package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http2"
)

// pool keeps HTTP/2 connections of one workload to its peers. A stream on one of them is one TCP connection.
type pool struct {
	proxy *proxy
	mu    sync.Mutex
	held  map[string][]*http2.ClientConn
	// dialing is closed when the one connection to a peer that is being made is there, or is not to be: as with
	// ztunnel, the streams that need it wait for it instead of making one each.
	dialing map[string]chan struct{}
}

var transport = &http2.Transport{ReadIdleTimeout: keepaliveSecond * time.Second, DisableCompression: true}

// stream is a CONNECT through a peer: what is written goes to the request's body, what is read is the answer's.
type stream struct {
	io.ReadCloser
	body *io.PipeWriter
}

func (s stream) Write(bytes []byte) (int, error) { return s.body.Write(bytes) }
func (s stream) CloseWrite() error               { return s.body.Close() }
func (s stream) Close() error {
	_ = s.body.CloseWithError(io.ErrClosedPipe)
	return s.ReadCloser.Close()
}

// refused is a peer's answer to a CONNECT that is no success; 401 is what ztunnel says of a policy.
type refused struct{ status int }

func (r refused) Error() string { return fmt.Sprintf("the peer answers the CONNECT with %d", r.status) }

// connect opens a stream to `to` through the peer. A pooled connection that turns out to be closed is replaced once:
// nothing has been sent to the destination by then.
func (p *pool) connect(ctx context.Context, peer netip.AddrPort, to string, expected []string, headers http.Header) (io.ReadWriteCloser, error) {
	key := fmt.Sprint(peer, expected)
	for {
		conn, pooled, err := p.take(ctx, key, peer, expected)
		if err != nil {
			return nil, err
		}
		opened, err := open(conn, to, headers)
		if _, answered := err.(refused); err == nil || answered || !pooled {
			return opened, err
		}
	}
}

func (p *pool) take(ctx context.Context, key string, peer netip.AddrPort, expected []string) (*http2.ClientConn, bool, error) {
	for {
		conn, others := p.pooled(key)
		if conn != nil {
			return conn, true, nil
		}
		if others == nil {
			break
		}
		select {
		case <-others:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
	made, err := p.make(ctx, peer, expected)
	if err == nil {
		made.ReserveNewRequest()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.dialing[key])
	delete(p.dialing, key)
	if err != nil {
		return nil, false, err
	}
	p.held[key] = append(p.held[key], made)
	return made, false, nil
}

// pooled gives a connection with room, or what to wait for while one is being made; neither: the caller makes one.
func (p *pool) pooled(key string) (*http2.ClientConn, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	usable := p.held[key][:0]
	var found *http2.ClientConn
	for _, conn := range p.held[key] {
		if state := conn.State(); state.Closed || state.Closing {
			continue
		}
		usable = append(usable, conn)
		if found == nil && conn.ReserveNewRequest() {
			found = conn
		}
	}
	p.held[key] = usable
	if found != nil {
		return found, nil
	}
	if others := p.dialing[key]; others != nil {
		return nil, others
	}
	p.dialing[key] = make(chan struct{})
	return nil, nil
}

func (p *pool) make(ctx context.Context, peer netip.AddrPort, expected []string) (*http2.ClientConn, error) {
	certificate, err := p.proxy.certificate(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := p.proxy.namespace.dial(ctx, "tcp4", peer, netip.Addr{})
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, certificate.clientConfig(expected))
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	return transport.NewClientConn(secured)
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conns := range p.held {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
	clear(p.held)
}

func open(conn *http2.ClientConn, to string, headers http.Header) (io.ReadWriteCloser, error) {
	reader, writer := io.Pipe()
	answer, err := conn.RoundTrip(&http.Request{
		Method: http.MethodConnect,
		URL:    &url.URL{Host: to},
		Host:   to,
		Header: headers,
		Body:   reader,
	})
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		_ = writer.Close()
		return nil, refused{answer.StatusCode}
	}
	return stream{answer.Body, writer}, nil
}

// serveHBONE answers CONNECTs on one accepted connection, for a workload.
func (p *proxy) serveHBONE(conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), connectSeconds*time.Second)
	defer cancel()
	certificate, err := p.certificate(ctx)
	if err != nil {
		p.log.Warn("no certificate, so a connection is refused", "error", err)
		return
	}
	secured := tls.Server(conn, certificate.serverConfig())
	if err := secured.HandshakeContext(ctx); err != nil {
		p.refuse(conn, err)
		return
	}
	peer := secured.ConnectionState().PeerCertificates[0].URIs[0].String()
	server := &http2.Server{MaxConcurrentStreams: 10_000}
	server.ServeConn(secured, &http2.ServeConnOpts{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.answerConnect(w, r, peer, peerOf(conn))
		}),
	})
}

// flushing is the answer of a CONNECT as a stream: each write leaves at once.
type flushing struct {
	io.ReadCloser
	writer http.ResponseWriter
	ctl    *http.ResponseController
}

func (f flushing) Write(bytes []byte) (int, error) {
	count, err := f.writer.Write(bytes)
	if err == nil {
		err = f.ctl.Flush()
	}
	return count, err
}
