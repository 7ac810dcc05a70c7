package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A browser is headless Chromium with one page, driven over its DevTools
// protocol: one JSON message after the other, ended by NUL, through two pipes.
type browser struct {
	t       testing.TB
	in      io.Writer
	pipe    *os.File // what out reads from
	out     *bufio.Reader
	id      int
	session string
	events  []devtoolsMessage // of the page, in the order in which they came
	stop    func()
}

// answerTime is how long Chromium may be silent: longer than it is on a machine
// with ten times more to do than it can.
const answerTime = 2 * time.Minute

type devtoolsMessage struct {
	ID        int             `json:"id"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	SessionID string          `json:"sessionId"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// requireChromium returns the path of Chromium, and skips the test where there
// is none, unless MONITORCTL_REQUIRE_CHROMIUM is set.
func requireChromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("MONITORCTL_REQUIRE_CHROMIUM") != "" {
		t.Fatal("MONITORCTL_REQUIRE_CHROMIUM is set and no chromium is on the PATH")
	}
	t.Skip("no chromium is on the PATH: the page is not looked at in a browser")
	return ""
}

// shared is the browser of all tests: starting one takes longer than most of them.
var shared *browser

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.stop()
	}
	os.Exit(code)
}

// startBrowser returns a browser for a test that does not run beside another one. The window is wide, and the
// theme light.
func startBrowser(t testing.TB) *browser {
	t.Helper()
	if shared == nil {
		shared = newBrowser(t)
	}
	shared.t = t
	shared.media("", "light")
	shared.width(1200)
	return shared
}

// newBrowser starts Chromium with a profile of its own and an empty page.
func newBrowser(t testing.TB) *browser {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the pipes to Chromium are inherited descriptors, which Windows does not have")
	}
	path := requireChromium(t)
	theirIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "monitorctl-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // descriptors 3 and 4, as Chromium expects
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	b := &browser{t: t, in: in, pipe: out, out: bufio.NewReader(out)}
	b.stop = func() {
		b.session = ""
		b.send("Browser.close", nil)
		_ = in.Close()
		stuck := time.AfterFunc(answerTime, func() { _ = cmd.Process.Kill() })
		defer stuck.Stop()
		_ = cmd.Wait() // however it ends: the tests have their answers
		_ = out.Close()
		_ = os.RemoveAll(profile)
	}
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// send writes a command and returns its number.
func (b *browser) send(method string, params any) int {
	b.id++
	message := map[string]any{"id": b.id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(text, 0)); err != nil {
		b.t.Log("chromium:", err)
	}
	return b.id
}

// next reads a message.
func (b *browser) next() devtoolsMessage {
	b.t.Helper()
	if err := b.pipe.SetReadDeadline(time.Now().Add(answerTime)); err != nil {
		b.t.Fatal(err)
	}
	text, err := b.out.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("chromium does not answer: %v", err)
	}
	var m devtoolsMessage
	if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
		b.t.Fatal(err)
	}
	if m.Method != "" {
		b.events = append(b.events, m)
	}
	return m
}

// call sends a command and waits for its answer; result may be nil.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	for id := b.send(method, params); ; {
		m := b.next()
		if m.ID != id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// open shows a page and waits until it is loaded. What the browser reported of
// earlier pages is forgotten.
func (b *browser) open(page []byte) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "page.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	for !b.happened("Page.loadEventFired") {
		b.next()
	}
}

func (b *browser) happened(method string) bool {
	for _, e := range b.events {
		if e.Method == method {
			return true
		}
	}
	return false
}

// eval returns the value of a JavaScript expression in the page. Scripts of the
// test are not bound by the page's policy.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	var answer struct {
		Result struct {
			Value T `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Exception struct{ Description string } `json:"exception"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails.Exception.Description)
	}
	return answer.Result.Value
}

// press presses a key that the page has in focus; text is what it types, "" for
// keys that type nothing.
func (b *browser) press(key string, virtual int, text string) {
	b.t.Helper()
	down := map[string]any{"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": virtual}
	if text != "" {
		down["type"], down["text"] = "keyDown", text
	}
	b.call("Input.dispatchKeyEvent", down, nil)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": virtual}, nil)
}

// media says how the page is shown: on screen or paper, and by which theme.
func (b *browser) media(kind, scheme string) {
	b.t.Helper()
	b.call("Emulation.setEmulatedMedia", map[string]any{
		"media": kind, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}},
	}, nil)
	b.settle()
}

// settle waits until the browser has drawn what it was told.
func (b *browser) settle() {
	b.t.Helper()
	eval[bool](b, "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
}

// width sets the width of the window in CSS pixels.
func (b *browser) width(pixels int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.settle()
}

// complaints returns the requests that the page made beside that for itself,
// and everything that the console has: errors, warnings, refusals of the
// content security policy.
func (b *browser) complaints() []string {
	b.t.Helper()
	eval[bool](b, "true") // what happened before this has been reported behind it
	var out []string
	requests := 0
	for _, e := range b.events {
		switch e.Method {
		case "Network.requestWillBeSent":
			if requests++; requests > 1 {
				out = append(out, "request: "+string(e.Params))
			}
		case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening", "Page.windowOpen":
			out = append(out, e.Method+": "+string(e.Params))
		}
	}
	if requests == 0 {
		out = append(out, "the browser did not report the request for the page itself: nothing was watched")
	}
	return out
}

// texts returns the texts of what a selector finds.
func (b *browser) texts(selector string) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf("[...document.querySelectorAll(%q)].map(e => e.textContent.trim())", selector))
}

// visible counts what a selector finds and a person can see.
func (b *browser) visible(selector string) int {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf("[...document.querySelectorAll(%q)].filter(e => e.checkVisibility() && e.getClientRects().length > 0).length", selector))
}

// joined is for comparing lists in messages.
func joined(list []string) string { return strings.Join(list, " | ") }

// pages prints the page to A4, and counts the sheets.
func (b *browser) pages() int {
	b.t.Helper()
	return len(pdfPage.FindAll(b.pdf(), -1))
}

// pdfPage is where a PDF of Chromium begins a page.
var pdfPage = regexp.MustCompile(`/Type\s*/Page\b`)

// pdf prints the page to A4.
func (b *browser) pdf() []byte {
	b.t.Helper()
	var answer struct{ Data []byte }
	b.call("Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true}, &answer)
	return answer.Data
}
