package awstest

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// deliverReply sends the reply, or spoils it as its fault demands.
func (c *Cloud) deliverReply(w http.ResponseWriter, r *http.Request, rep reply) {
	if f := rep.strike; f != nil {
		if f.Do != nil {
			f.Do()
		}
		if f.Delay > 0 && !pause(r, f.Delay) {
			return
		}
		switch f.Kind {
		case Timeout:
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // closes the connection without a reply
		case HTMLError:
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = fmt.Fprint(w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
			return
		case Reset, Truncate:
			breakReply(w, rep, f.Kind)
			return
		}
	}
	send(w, rep)
}

// pause waits, false if the client has gone meanwhile.
func pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

func send(w http.ResponseWriter, rep reply) {
	for k, v := range rep.header {
		w.Header()[k] = v
	}
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body) // the client may be gone; nothing to do about it
}

// breakReply sends the first half of the reply. Truncate ends there as if it
// were all; Reset announces the whole and resets the connection. A reply without
// body breaks off in its header.
func breakReply(w http.ResponseWriter, rep reply, kind FaultKind) {
	whole := len(rep.body)
	rep.body = rep.body[:whole/2]
	if whole > 0 && kind == Truncate {
		send(w, rep)
		return
	}
	control := http.NewResponseController(w)
	if whole > 0 {
		rep.header.Set("Content-Length", strconv.Itoa(whole))
		send(w, rep)
		_ = control.Flush()
	}
	conn, _, err := control.Hijack()
	if err != nil { // a recorder in a test, or HTTP/2
		panic(http.ErrAbortHandler)
	}
	if whole == 0 {
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Ty"))
	}
	if tcp, ok := conn.(*net.TCPConn); ok && kind == Reset {
		_ = tcp.SetLinger(0) // makes Close send a reset
	}
	_ = conn.Close()
}

// Server starts to serve on a free port of 127.0.0.1. It returns the base URL,
// to be used as the endpoint of every client, and a function that stops it and
// breaks all connections.
func (c *Cloud) Server() (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: c, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // returns when stop closes it
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
