// A small HTTP application for demos, drills and tests: says its version and where it runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	host, _ := os.Hostname()
	version := os.Getenv("HELLO_VERSION")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "hello %s from %s\n", version, host)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{Addr: ":8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	stop, release := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer release()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		<-stop.Done()
		// Endpoints are withdrawn while the pod is already told to end: keep serving until the clients know.
		time.Sleep(time.Duration(seconds("HELLO_LINGER_SECONDS", 3)) * time.Second)
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(limit)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-drained
}

func seconds(variable string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv(variable)); err == nil && value >= 0 {
		return value
	}
	return otherwise
}
