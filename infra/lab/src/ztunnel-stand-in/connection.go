package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"istio.io/istio/pkg/workloadapi"
)

// connection is one carried connection, as metrics, access log and config_dump tell of it.
type connection struct {
	inbound      bool
	began        time.Time
	source       netip.AddrPort
	original     netip.AddrPort
	actual       netip.AddrPort
	target       netip.AddrPort
	from         *workloadapi.Workload
	fromIdentity string
	workload     *workloadapi.Workload
	identity     string
	service      *workloadapi.Service
	hbone        bool
	request      request
	sent         atomic.Int64
	received     atomic.Int64
	end          func()
}

type connections struct {
	mu   sync.Mutex
	open map[*connection]bool
}

func (c *connections) add(one *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[*connection]bool{}
	}
	c.open[one] = true
}

func (c *connections) remove(one *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, one)
}

func (c *connections) list() []*connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]*connection, 0, len(c.open))
	for each := range c.open {
		list = append(list, each)
	}
	return list
}

func (c *connections) cut(which func(*connection) bool) {
	for _, each := range c.list() {
		if which(each) {
			each.end()
		}
	}
}

type halfCloser interface{ CloseWrite() error }

// carry copies both ways until both are done. An end of one direction is passed on; an error ends both.
func (p *proxy) carry(this *connection, client, upstream io.ReadWriteCloser) {
	this.end = sync.OnceFunc(func() {
		_ = client.Close()
		_ = upstream.Close()
	})
	p.open.add(this)
	p.metrics.opened(this)
	var failure error
	var once sync.Once
	var both sync.WaitGroup
	move := func(to io.WriteCloser, from io.Reader, count *atomic.Int64) {
		defer both.Done()
		err := copyCounted(to, from, count)
		if err != nil {
			once.Do(func() { failure = err })
			this.end()
			return
		}
		if half, can := to.(halfCloser); can {
			_ = half.CloseWrite()
		}
	}
	both.Add(2)
	go move(upstream, client, &this.sent)
	go func() {
		move(client, upstream, &this.received)
		// A stream of HTTP/2 has no half end on the serving side: the answer ends with its handler.
		if _, can := client.(halfCloser); !can {
			this.end()
		}
	}()
	both.Wait()
	this.end()
	p.open.remove(this)
	p.metrics.closed(this)
	if isOrdinaryEnd(failure) {
		failure = nil
	}
	p.tell(this, failure)
}

func copyCounted(to io.Writer, from io.Reader, count *atomic.Int64) error {
	buffer := make([]byte, 16<<10)
	for {
		read, err := from.Read(buffer)
		if read > 0 {
			count.Add(int64(read))
			if _, failed := to.Write(buffer[:read]); failed != nil {
				return failed
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func isOrdinaryEnd(err error) bool {
	if err == nil {
		return true
	}
	text := err.Error()
	return strings.Contains(text, net.ErrClosed.Error()) || strings.Contains(text, "body closed by handler") ||
		strings.Contains(text, "response body closed") || strings.Contains(text, io.ErrClosedPipe.Error())
}

// failed tells of a connection that was never carried.
func (p *proxy) failed(this *connection, err error) {
	p.metrics.failed(this)
	p.tell(this, err)
}

// tell writes one line of access log in the format of ztunnel's.
func (p *proxy) tell(this *connection, err error) {
	level := "info"
	if err != nil {
		level = "error"
	}
	var line strings.Builder
	fmt.Fprintf(&line, "%s\t%s\taccess\tconnection complete", time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), level)
	add := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&line, " %s=%s", key, value)
		}
	}
	quoted := func(text string) string {
		if text == "" {
			return ""
		}
		return fmt.Sprintf("%q", text)
	}
	named := func(prefix string, workload *workloadapi.Workload, identity string) {
		if workload != nil {
			add(prefix+".workload", quoted(workload.Name))
			add(prefix+".namespace", quoted(workload.Namespace))
		}
		add(prefix+".identity", quoted(identity))
	}
	add("src.addr", this.source.String())
	named("src", this.from, this.fromIdentity)
	add("dst.addr", this.actual.String())
	if this.hbone {
		add("dst.hbone_addr", this.target.String())
	}
	if this.service != nil {
		add("dst.service", quoted(this.service.Hostname))
	}
	named("dst", this.workload, this.identity)
	add("direction", quoted(this.direction()))
	add("bytes_sent", fmt.Sprint(this.sent.Load()))
	add("bytes_recv", fmt.Sprint(this.received.Load()))
	add("duration", quoted(fmt.Sprintf("%dms", time.Since(this.began).Milliseconds())))
	if err != nil {
		add("error", quoted(strings.ReplaceAll(err.Error(), "\n", ": ")))
	}
	fmt.Fprintln(os.Stdout, line.String())
}

func (c *connection) direction() string {
	if c.inbound {
		return "inbound"
	}
	return "outbound"
}

func baggage(workload *workloadapi.Workload) string {
	if workload == nil {
		return ""
	}
	kind := strings.ToLower(workload.WorkloadType.String())
	return fmt.Sprintf("k8s.cluster.name=%s,k8s.namespace.name=%s,k8s.%s.name=%s,service.name=%s,service.version=%s",
		workload.ClusterId, workload.Namespace, kind, workload.WorkloadName, workload.CanonicalName, workload.CanonicalRevision)
}
