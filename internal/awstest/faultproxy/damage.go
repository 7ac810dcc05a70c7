package faultproxy

import (
	"bytes"
	encoding "encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	binary "github.com/fxamacker/cbor/v2"
)

// A Damage writes something else than the true reply.
type Damage func(w http.ResponseWriter, r *http.Request, m message)

// Damages are the kinds that cost little, by name. Slow, Huge and EndlessPages
// cost time or memory and stand apart.
func Damages() map[string]Damage {
	return map[string]Damage{
		"empty body":          withBody(func(message) []byte { return nil }),
		"empty object":        withBody(emptyObject),
		"error with 200":      withBody(errorDocument),
		"page with 200":       page(http.StatusOK),
		"page with 502":       page(http.StatusBadGateway),
		"half a body":         withBody(func(m message) []byte { return m.body[:len(m.body)/2] }),
		"all but one byte":    withBody(func(m message) []byte { return m.body[:max(0, len(m.body)-1)] }),
		"wrong content type":  wrongType,
		"storm of 500":        failing(http.StatusInternalServerError, "InternalFailure"),
		"storm of throttling": failing(http.StatusBadRequest, "ThrottlingException"),
		"redirect":            redirect,
		"reset midway":        reset,
		"said twice":          withBody(twice),
		"the same page again": withBody(func(m message) []byte { return m.withToken("again") }),
	}
}

// Slow sends the true reply a byte at a time.
func Slow(w http.ResponseWriter, r *http.Request, m message) {
	m.head(w)
	for i := range m.body {
		if _, err := w.Write(m.body[i : i+1]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush() // the client may have gone
		select {
		case <-r.Context().Done():
			return
		case <-time.After(drip):
		}
	}
}

// Huge sends blanks without end in front of the true reply.
func Huge(w http.ResponseWriter, _ *http.Request, m message) {
	m.head(w)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range 4096 {
		if _, err := w.Write(blanks); err != nil {
			return
		}
	}
}

// EndlessPages gives each page a token that leads to another one.
func EndlessPages(w http.ResponseWriter, r *http.Request, m message) {
	withBody(func(m message) []byte { return m.withToken("t" + strconv.Itoa(m.nth)) })(w, r, m)
}

// head sends the true headers, for a body of another length.
func (m message) head(w http.ResponseWriter) {
	for k, v := range m.header {
		if k != "Content-Length" && k != "X-Amz-Crc32" {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(m.status)
}

func withBody(f func(message) []byte) Damage {
	return func(w http.ResponseWriter, _ *http.Request, m message) {
		body := f(m)
		m.head(w)
		_, _ = w.Write(body) // the client may have gone
	}
}

func emptyObject(m message) []byte {
	switch m.protocol {
	case query:
		return []byte("<" + m.operation + "Response><" + m.operation + "Result/></" + m.operation + "Response>")
	case cbor:
		return []byte{0xa0}
	}
	return []byte("{}")
}

func errorDocument(m message) []byte {
	switch m.protocol {
	case query:
		return []byte("<ErrorResponse><Error><Code>InternalFailure</Code><Message>no</Message></Error></ErrorResponse>")
	case cbor:
		b, _ := binary.Marshal(map[string]string{"__type": "InternalFailure", "message": "no"}) // of texts
		return b
	}
	return []byte(`{"__type":"InternalFailure","message":"no"}`)
}

func page(status int) Damage {
	return func(w http.ResponseWriter, _ *http.Request, _ message) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprint(w, "<html><body>Please sign in</body></html>")
	}
}

func wrongType(w http.ResponseWriter, _ *http.Request, m message) {
	m.header.Set("Content-Type", "text/html")
	m.head(w)
	_, _ = w.Write(m.body) // the client may have gone
}

func failing(status int, code string) Damage {
	return func(w http.ResponseWriter, _ *http.Request, m message) {
		m.header.Set("X-Amzn-Errortype", code)
		m.status = status
		m.head(w)
		body := errorDocument(m)
		body = bytes.ReplaceAll(body, []byte("InternalFailure"), []byte(code))
		if m.protocol == cbor {
			body, _ = binary.Marshal(map[string]string{"__type": code, "message": "no"}) // of texts
		}
		_, _ = w.Write(body) // the client may have gone
	}
}

// redirect leads back here: a client that follows it gets the true reply the next
// time, or goes round and round.
func redirect(w http.ResponseWriter, _ *http.Request, _ message) {
	w.Header().Set("Location", "/?again")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// reset breaks the connection in the middle of the body.
func reset(w http.ResponseWriter, _ *http.Request, m message) {
	m.header.Set("Content-Length", strconv.Itoa(len(m.body)+1))
	w.Header().Set("Content-Length", strconv.Itoa(len(m.body)+1))
	m.head(w)
	_, _ = w.Write(m.body[:len(m.body)/2])
	_ = http.NewResponseController(w).Flush()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // so that it is reset, not closed
	}
	_ = conn.Close()
}

var (
	firstMember = regexp.MustCompile(`^\s*\{\s*("[^"]*")\s*:`)
	inResult    = regexp.MustCompile(`(?s)(<\w+Result>)(.*)(</\w+Result>)`)
)

// twice says the first member of a reply once more, with nothing in it.
func twice(m message) []byte {
	switch m.protocol {
	case query:
		return inResult.ReplaceAll(m.body, []byte("$1$2$2$3"))
	case cbor:
		var members map[string]binary.RawMessage
		if binary.Unmarshal(m.body, &members) != nil || len(members) == 0 || len(members) > 20 {
			return m.body
		}
		body := []byte{0xa0 | byte(len(members)+1)}
		var last []byte
		for k, v := range members {
			key, _ := binary.Marshal(k) // a text
			body = append(append(body, key...), v...)
			last = slices.Concat(key, []byte{0x80}) // an empty list
		}
		return append(body, last...)
	}
	if key := firstMember.FindSubmatch(m.body); key != nil {
		end := bytes.LastIndexByte(m.body, '}')
		return append(append(bytes.Clone(m.body[:end]), ","+string(key[1])+":[]"...), '}')
	}
	return m.body
}

// withToken is the reply with the token of a next page.
func (m message) withToken(token string) []byte {
	switch m.protocol {
	case query:
		return inResult.ReplaceAll(m.body, []byte("$1$2<NextToken>"+token+"</NextToken>$3"))
	case cbor:
		var members map[string]any
		if binary.Unmarshal(m.body, &members) != nil {
			return m.body
		}
		members["NextToken"] = token
		if body, err := binary.Marshal(members); err == nil {
			return body
		}
		return m.body
	}
	var members map[string]encoding.RawMessage
	if encoding.Unmarshal(m.body, &members) != nil {
		return m.body
	}
	members["nextToken"] = encoding.RawMessage(strconv.Quote(token))
	members["NextToken"] = members["nextToken"]
	if body, err := encoding.Marshal(members); err == nil {
		return body
	}
	return m.body
}
