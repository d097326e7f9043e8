package main

import (
	"net/http"
	"sort"
	"strconv"
	"sync"
	"time"
)

// load sends at a steady rate, whatever becomes of the requests: a slow answer delays no other one.
type load struct {
	call   call
	client *http.Client
	began  time.Time
	end    chan struct{}
	sends  sync.WaitGroup

	mu       sync.Mutex
	ended    time.Time
	sent     int
	statuses map[string]int
	errors   map[string]int
	repeated int
	ms       []float64
	// lost are the moments at which requests without a success were sent.
	lost []lostRequest
}

type lostRequest struct {
	AfterMs float64 `json:"afterMs"`
	Status  int     `json:"status"`
	Error   string  `json:"error,omitempty"`
	// Body is the beginning of what came with a status of 500 and more: proxies say there why they gave up.
	Body string `json:"body,omitempty"`
}

// figures tell of every request that a load sent; those under way are in `sent` alone.
type figures struct {
	Seconds  float64        `json:"seconds"`
	Sent     int            `json:"sent"`
	Answered int            `json:"answered"`
	Statuses map[string]int `json:"statuses"`
	Errors   map[string]int `json:"errors"`
	// Lost counts requests that ended without a status below 500.
	Lost     int           `json:"lost"`
	Repeated int           `json:"repeated"`
	P50Ms    float64       `json:"p50Ms"`
	P95Ms    float64       `json:"p95Ms"`
	P99Ms    float64       `json:"p99Ms"`
	MaxMs    float64       `json:"maxMs"`
	First    []lostRequest `json:"firstLost"`
}

func startLoad(of call, perSecond int) *load {
	made := &load{
		call: of, client: newClient(of), began: time.Now(), end: make(chan struct{}),
		statuses: map[string]int{}, errors: map[string]int{},
	}
	made.sends.Add(1)
	go made.run(time.Second / time.Duration(perSecond))
	return made
}

func (l *load) run(every time.Duration) {
	defer l.sends.Done()
	ticker := time.NewTicker(every / 4)
	defer ticker.Stop()
	for {
		select {
		case <-l.end:
			return
		case now := <-ticker.C:
			for due := int(now.Sub(l.began)/every) + 1; l.sent < due; {
				l.mu.Lock()
				l.sent++
				l.mu.Unlock()
				l.sends.Add(1)
				go l.one(time.Since(l.began))
			}
		}
	}
}

func (l *load) one(at time.Duration) {
	defer l.sends.Done()
	found := l.call.do(l.client, false)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ms = append(l.ms, found.Ms)
	if found.Connections > 1 {
		l.repeated++
	}
	if found.Error != "" {
		l.errors[found.Error]++
	} else {
		l.statuses[strconv.Itoa(found.Status)]++
	}
	if found.Error != "" || found.Status >= 500 {
		afterMs := float64(at.Milliseconds())
		body := found.Body[:min(len(found.Body), 200)]
		l.lost = append(l.lost, lostRequest{AfterMs: afterMs, Status: found.Status, Error: found.Error, Body: body})
	}
}

// stop sends nothing more and waits for what is under way.
func (l *load) stop() {
	close(l.end)
	l.sends.Wait()
	l.client.CloseIdleConnections()
	l.mu.Lock()
	l.ended = time.Now()
	l.mu.Unlock()
}

func (l *load) figures() figures {
	l.mu.Lock()
	defer l.mu.Unlock()
	until := l.ended
	if until.IsZero() {
		until = time.Now()
	}
	sorted := append([]float64(nil), l.ms...)
	sort.Float64s(sorted)
	at := func(part float64) float64 {
		if len(sorted) == 0 {
			return 0
		}
		return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
	}
	statuses, errors := map[string]int{}, map[string]int{}
	for status, count := range l.statuses {
		statuses[status] = count
	}
	for text, count := range l.errors {
		errors[text] = count
	}
	return figures{
		Seconds: until.Sub(l.began).Seconds(), Sent: l.sent, Answered: len(l.ms), Statuses: statuses, Errors: errors,
		Lost: len(l.lost), Repeated: l.repeated, P50Ms: at(0.5), P95Ms: at(0.95), P99Ms: at(0.99), MaxMs: at(1),
		First: l.lost[:min(len(l.lost), 20)],
	}
}
