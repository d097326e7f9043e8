// caller sends requests from inside a pod of the lab and counts what comes back, each one. Whoever drives it reaches
// it on the pod's loopback device (kubectl port-forward), which no mesh redirects.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "answer" {
		log.Fatal(alwaysAnswer(os.Args[2], os.Args[3]))
	}
	loads := &loads{running: map[string]*load{}}
	http.HandleFunc("POST /send", answer(send))
	http.HandleFunc("POST /loads/{name}", answer(loads.start))
	http.HandleFunc("GET /loads/{name}", answer(loads.look))
	http.HandleFunc("DELETE /loads/{name}", answer(loads.stop))
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	log.Fatal(http.ListenAndServe("127.0.0.1:8090", nil))
}

// alwaysAnswer is a server that is broken in one way: `caller answer :8080 500`. /ready alone is well.
func alwaysAnswer(address, status string) error {
	code, err := strconv.Atoi(status)
	if err != nil {
		return err
	}
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ready" {
			w.WriteHeader(code)
		}
	}))
}

// failure is what whoever asked did wrong.
type failure string

func (f failure) Error() string { return string(f) }

func answer(of func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := of(r)
		w.Header().Set("content-type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			found = map[string]string{"error": err.Error()}
		}
		_ = json.NewEncoder(w).Encode(found)
	}
}

// loads are the steady loads by name.
type loads struct {
	mu      sync.Mutex
	running map[string]*load
}

func (l *loads) start(r *http.Request) (any, error) {
	var wanted struct {
		call
		PerSecond int `json:"perSecond"`
	}
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		return nil, err
	}
	if wanted.PerSecond < 1 {
		return nil, failure("perSecond has to be at least 1")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	name := r.PathValue("name")
	if l.running[name] != nil {
		return nil, failure("a load of that name runs already")
	}
	l.running[name] = startLoad(wanted.call, wanted.PerSecond)
	return map[string]string{"started": name}, nil
}

func (l *loads) find(r *http.Request, remove bool) (*load, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := r.PathValue("name")
	found := l.running[name]
	if found == nil {
		return nil, failure("no load of that name runs")
	}
	if remove {
		delete(l.running, name)
	}
	return found, nil
}

func (l *loads) look(r *http.Request) (any, error) {
	found, err := l.find(r, false)
	if err != nil {
		return nil, err
	}
	return found.figures(), nil
}

func (l *loads) stop(r *http.Request) (any, error) {
	found, err := l.find(r, true)
	if err != nil {
		return nil, err
	}
	found.stop()
	return found.figures(), nil
}
