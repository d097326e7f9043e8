package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"

	"istio.io/istio/pkg/zdsapi"
)

// proxies are the workloads of this node that istio-cni gave.
type proxies struct {
	state        *state
	certificates *certificates
	home         *os.File
	metrics      *metrics
	mu           sync.Mutex
	byUID        map[string]*proxy
	snapshot     bool
}

// proxy is one workload's: listeners inside its network namespace, and its connections.
type proxy struct {
	*proxies
	uid       string
	info      *zdsapi.WorkloadInfo
	identity  string
	namespace namespace
	pool      *pool
	log       *slog.Logger
	closers   []io.Closer
	open      connections
}

func (p *proxies) add(uid string, info *zdsapi.WorkloadInfo, netns *os.File) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.byUID[uid]; old != nil {
		if netns == nil {
			return nil
		}
		old.close()
	}
	if netns == nil {
		return errors.New("no network namespace came with the pod")
	}
	identity := spiffe(env("TRUST_DOMAIN", "cluster.local"), info.Namespace, info.ServiceAccount)
	made := &proxy{
		proxies:   p,
		uid:       uid,
		info:      info,
		identity:  identity,
		namespace: namespace{file: netns, home: p.home},
		log:       slog.With("pod", info.Namespace+"/"+info.Name),
	}
	made.pool = &pool{proxy: made, held: map[string][]*http2.ClientConn{}, dialing: map[string]chan struct{}{}}
	if err := made.listen(); err != nil {
		made.close()
		return err
	}
	p.byUID[uid] = made
	made.log.Info("pod added", "uid", uid, "identity", identity)
	go func() { _, _ = made.certificate(context.Background()) }()
	return nil
}

func (p *proxies) remove(uid string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.byUID[uid]; old != nil {
		old.log.Info("pod removed", "uid", uid)
		old.close()
		delete(p.byUID, uid)
	}
}

// keepOnly drops what istio-cni's snapshot did not name.
func (p *proxies) keepOnly(named map[string]bool) {
	p.mu.Lock()
	gone := []string{}
	for uid := range p.byUID {
		if !named[uid] {
			gone = append(gone, uid)
		}
	}
	p.snapshot = true
	p.mu.Unlock()
	for _, uid := range gone {
		p.remove(uid)
	}
}

func (p *proxies) all() []*proxy {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]*proxy, 0, len(p.byUID))
	for _, each := range p.byUID {
		list = append(list, each)
	}
	return list
}

func (p *proxies) ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.snapshot && p.state.ready()
}

// enforceAgain cuts inbound connections that a changed policy forbids.
func (p *proxies) enforceAgain() {
	for _, each := range p.all() {
		each.open.cut(func(c *connection) bool {
			return c.inbound && p.state.refusal(c.workload, c.request) != ""
		})
	}
}

func (p *proxy) certificate(ctx context.Context) (*certificate, error) {
	return p.certificates.get(ctx, p.identity)
}

func (p *proxy) listen() error {
	for port, serve := range map[int]func(net.Conn){
		outboundPort: p.serveOutbound,
		inboundPort:  p.servePlain,
		hbonePort:    p.serveHBONE,
	} {
		listener, err := p.namespace.listen(port)
		if err != nil {
			return err
		}
		p.closers = append(p.closers, listener)
		go accept(listener, serve)
	}
	return p.listenDNS()
}

func accept(listener net.Listener, serve func(net.Conn)) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		go serve(conn)
	}
}

// close ends the listeners; connections go on for the drain time of a pod that ends.
func (p *proxy) close() {
	for _, each := range p.closers {
		_ = each.Close()
	}
	time.AfterFunc(5*time.Second, func() {
		p.open.cut(func(*connection) bool { return true })
		p.pool.close()
		_ = p.namespace.file.Close()
	})
}

// serveOutbound takes what the pod sends and passes it on as the state says.
func (p *proxy) serveOutbound(conn net.Conn) {
	defer conn.Close()
	original, err := destinationOf(conn.(*net.TCPConn))
	if err != nil || original.Port() == outboundPort {
		p.log.Warn("a connection without an original destination", "error", err)
		return
	}
	source := peerOf(conn)
	found, err := p.state.route(original)
	this := &connection{
		began: time.Now(), source: source, from: p.state.workloadAt(source.Addr()), original: original,
		actual: found.connect, service: found.service, workload: found.workload, hbone: found.hbone,
		fromIdentity: p.identity, identity: identityOf(found.workload), target: found.target,
	}
	if err != nil {
		p.failed(this, err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), handshakeSeconds*time.Second)
	defer cancel()
	var upstream io.ReadWriteCloser
	if found.hbone {
		expected := []string{this.identity}
		if found.service != nil && !found.waypoint {
			expected = append(expected, found.service.SubjectAltNames...)
		}
		headers := http.Header{}
		headers.Set("forwarded", "for="+source.Addr().String())
		headers.Set("baggage", baggage(this.from))
		upstream, err = p.pool.connect(ctx, found.connect, found.target.String(), expected, headers)
	} else {
		upstream, err = p.namespace.dial(ctx, "tcp4", found.connect, netip.Addr{})
	}
	if err != nil {
		p.failed(this, err)
		return
	}
	p.carry(this, conn, upstream)
}

// servePlain takes what reaches the pod outside HBONE: policies see no identity.
func (p *proxy) servePlain(conn net.Conn) {
	defer conn.Close()
	original, err := destinationOf(conn.(*net.TCPConn))
	if err != nil || original.Port() == inboundPort {
		p.log.Warn("a connection without an original destination", "error", err)
		return
	}
	this := p.inbound(peerOf(conn), original, "")
	p.deliver(this, conn, func() {})
}

func (p *proxy) inbound(source netip.AddrPort, to netip.AddrPort, identity string) *connection {
	workload := p.state.workloadAt(to.Addr())
	return &connection{
		inbound: true, began: time.Now(), source: source, from: p.state.workloadAt(source.Addr()),
		fromIdentity: identity, original: to, actual: to, target: to, workload: workload, identity: p.identity,
		service: p.state.serviceOf(workload, to.Port()), hbone: identity != "",
		request: request{
			principal:   strings.TrimPrefix(identity, "spiffe://"),
			source:      source.Addr(),
			destination: to,
		},
	}
}

var errPolicy = errors.New("connection closed due to policy rejection")

// deliver asks the policies and connects to the application under the client's own address.
func (p *proxy) deliver(this *connection, client io.ReadWriteCloser, accepted func()) error {
	if policy := p.state.refusal(this.workload, this.request); policy != "" {
		p.failed(this, errors.Join(errPolicy, errors.New(policy)))
		return errPolicy
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectSeconds*time.Second)
	defer cancel()
	upstream, err := p.namespace.dial(ctx, "tcp4", this.actual, this.source.Addr())
	if err != nil {
		p.failed(this, err)
		return err
	}
	accepted()
	p.carry(this, client, upstream)
	return nil
}

// answerConnect serves one stream of HBONE for the workload.
func (p *proxy) answerConnect(w http.ResponseWriter, r *http.Request, peer string, source netip.AddrPort) {
	target, err := netip.ParseAddrPort(r.Host)
	if r.Method != http.MethodConnect || err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if workload := p.state.workloadAt(target.Addr()); workload != nil && workload.Name != p.info.Name {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	this := p.inbound(source, target, peer)
	answer := flushing{r.Body, w, http.NewResponseController(w)}
	err = p.deliver(this, answer, func() {
		w.WriteHeader(http.StatusOK)
		_ = answer.ctl.Flush()
	})
	switch {
	case errors.Is(err, errPolicy):
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (p *proxy) refuse(conn net.Conn, err error) {
	source := peerOf(conn)
	local, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	p.failed(p.inbound(source, local, ""), err)
}
