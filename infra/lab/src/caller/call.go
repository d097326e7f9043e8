package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// call is one kind of request.
type call struct {
	URL       string            `json:"url"`
	Method    string            `json:"method"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
	TimeoutMs int               `json:"timeoutMs"`
	// Fresh opens a connection for each request.
	Fresh bool `json:"fresh"`
}

// outcome is what became of one request.
type outcome struct {
	// Status is 0 when no answer came; Error says why.
	Status  int                 `json:"status"`
	Error   string              `json:"error,omitempty"`
	Ms      float64             `json:"ms"`
	Headers map[string][]string `json:"headers,omitempty"`
	Body    string              `json:"body,omitempty"`
	// Connections counts those that the client took for it: more than one is a silent repetition by Go's client.
	Connections int `json:"connections"`
}

func newClient(of call) *http.Client {
	timeout := time.Duration(of.TimeoutMs) * time.Millisecond
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 256,
			DisableKeepAlives:   of.Fresh,
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		},
	}
}

func (c call) do(client *http.Client, keep bool) outcome {
	began := time.Now()
	took := func() float64 { return float64(time.Since(began).Microseconds()) / 1000 }
	var found outcome
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { found.Connections++ }}
	method := c.Method
	if method == "" {
		method = http.MethodGet
	}
	ctx := httptrace.WithClientTrace(context.Background(), trace)
	request, err := http.NewRequestWithContext(ctx, method, c.URL, strings.NewReader(c.Body))
	if err != nil {
		return outcome{Error: err.Error(), Ms: took()}
	}
	for name, value := range c.Headers {
		request.Header.Set(name, value)
		if strings.EqualFold(name, "host") {
			request.Host = value
		}
	}
	response, err := client.Do(request)
	if err != nil {
		found.Error, found.Ms = err.Error(), took()
		return found
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	found.Status, found.Ms = response.StatusCode, took()
	if err != nil {
		found.Status, found.Error = 0, "the answer broke off: "+err.Error()
	}
	if keep || found.Status >= 500 {
		found.Headers, found.Body = response.Header, string(body)
	}
	return found
}

// send makes `count` requests, `parallel` at a time, and gives each outcome in full.
func send(r *http.Request) (any, error) {
	wanted := struct {
		call
		Count    int `json:"count"`
		Parallel int `json:"parallel"`
	}{Count: 1, Parallel: 1}
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		return nil, err
	}
	client := newClient(wanted.call)
	defer client.CloseIdleConnections()
	outcomes := make([]outcome, wanted.Count)
	next := make(chan int)
	var all sync.WaitGroup
	for range wanted.Parallel {
		all.Go(func() {
			for at := range next {
				outcomes[at] = wanted.call.do(client, true)
			}
		})
	}
	for at := range outcomes {
		next <- at
	}
	close(next)
	all.Wait()
	return outcomes, nil
}
