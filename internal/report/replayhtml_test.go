package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/logs"
)

// pageOf is a replay as a page.
func pageOf(t *testing.T, r Replay) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := ReplayHTML(&b, r, Options{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// replayNamed is a replay in which text is every name that strangers choose.
func replayNamed(t *testing.T, text string) Replay {
	t.Helper()
	r := someReplay()
	quoted, err := json.Marshal(map[string]string{"userAgent": text})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Controls {
		a := &r.Controls[i]
		control := *a.Control
		control.Title, control.Nobody = text, text
		a.Control = &control
		a.Lost.Name, a.Lost.Principal, a.Lost.Time = text, text, text
		for _, list := range [][]replay.Count{a.Principals, a.Addresses, a.Tools, a.Names} {
			for k := range list {
				list[k].Name = text
			}
		}
		rename(reflect.ValueOf(&a.Alerted).Elem(), text)
		rename(reflect.ValueOf(&a.Unknown).Elem(), text)
		rename(reflect.ValueOf(&a.Suggestions).Elem(), text)
		a.Actions = slices.Clone(a.Actions)
		for k := range a.Actions {
			x := &a.Actions[k]
			x.Alarm = text
			if x.Event.Name != "" {
				x.Event.Name, x.Event.Principal, x.Event.Address = text, text, text
			}
		}
		a.Evidence = slices.Clone(a.Evidence)
		for k := range a.Evidence {
			a.Evidence[k].Object, a.Evidence[k].ID, a.Evidence[k].Record = text, text, quoted
		}
	}
	r.Unreadable = []logs.Unreadable{{Name: text, Cause: text}}
	return r
}

// TestReplayHTMLHostile runs the corpus of hostile names through the page.
func TestReplayHTMLHostile(t *testing.T) {
	want, _ := readHTML(t, pageOf(t, replayNamed(t, plainName)))
	for _, tt := range hostileNames {
		t.Run(tt.name, func(t *testing.T) {
			out := pageOf(t, replayNamed(t, tt.text))
			checkBytes(t, "html", out)
			shape, text := readHTML(t, out)
			if shape != want {
				t.Errorf("the name changes the structure:\n%s\nwant\n%s", clip(shape), clip(want))
			}
			if !strings.Contains(squeeze(text), squeeze(Sanitize(tt.text))) {
				t.Errorf("%q is not shown in\n%s", clip(tt.text), clip(text))
			}
		})
	}
}

// TestReplayHTMLStructure looks for what people need who do not see the page or use no
// mouse, and for what the page must not have.
func TestReplayHTMLStructure(t *testing.T) {
	empty, big := Replay{Engine: "local"}, someReplay()
	big.Controls[0].Actions = slices.Repeat(big.Controls[0].Actions, htmlRows)
	for i := range 3 * htmlRows {
		big.Unreadable = append(big.Unreadable, logs.Unreadable{Name: fmt.Sprint(i), Cause: "x"})
	}
	for name, r := range map[string]Replay{"some": someReplay(), "hostile": replayNamed(t, hostileName), "empty": empty, "big": big} {
		t.Run(name, func(t *testing.T) {
			page := pageOf(t, r)
			count, ids := map[string]int{}, map[string]bool{}
			elements := htmlElements(t, page)
			level := 0
			for _, n := range elements {
				count[n.Data]++
				if id, ok := htmlAttr(n, "id"); ok {
					if ids[id] || id == "" {
						t.Errorf("the id %q is empty or taken", id)
					}
					ids[id] = true
				}
				if len(n.Data) == 2 && n.Data[0] == 'h' && '1' <= n.Data[1] && n.Data[1] <= '6' {
					if is := int(n.Data[1] - '0'); is > level+1 {
						t.Errorf("a heading of level %d stands below one of level %d", is, level)
					}
					level = int(n.Data[1] - '0')
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
						t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
					}
				}
			}
			for _, n := range elements {
				for _, attr := range []string{"href", "aria-labelledby"} {
					if to, ok := htmlAttr(n, attr); ok && !ids[strings.TrimPrefix(to, "#")] {
						t.Errorf("%s=%q leads nowhere in the page", attr, to)
					}
				}
			}
			for element, want := range map[string]int{"h1": 1, "main": 1, "style": 1, "script": 0, "link": 0, "img": 0, "form": 0, "article": len(r.Controls)} {
				if count[element] != want {
					t.Errorf("%d elements %s, want %d", count[element], element, want)
				}
			}
			if count["table"] != count["caption"] || count["svg"] > len(r.Controls) || count["tr"] > 6*htmlRows {
				t.Error(count)
			}
		})
	}
}

func TestReplayHTML(t *testing.T) {
	page := pageOf(t, someReplay())
	_, text := readHTML(t, page)
	for _, want := range []string{
		"CloudTrail replay: 3 days, 2026-11-01 00:00 to 2026-11-04 00:00", "Nobody was alerted to 5 events of 2 controls.",
		"3 events that no filter of the account matches, the latest DeleteSecurityGroup by role ci at 2026-11-01T09:00:10Z: nobody alerted.",
		"INCOMPLETE: 1 file could not be read completely.", "Alerted: s***@example.com", "echo: no new event", "it is muted", "acted, 4 events while in ALARM",
		"2026-11-01: 5 events, 1 alarm", `"sessionToken": "***"`, "12345678901234567890", "lost when x", "71% role ci",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, clip(text))
		}
	}
	if strings.Contains(string(page), "s3cr3t") || strings.Contains(string(page), "AKIAEXAMPLE") {
		t.Error("a secret is on the page")
	}
	var policy string
	for _, n := range htmlElements(t, page) {
		if name, _ := htmlAttr(n, "http-equiv"); name == "Content-Security-Policy" {
			policy, _ = htmlAttr(n, "content")
		}
	}
	if want := fmt.Sprintf("default-src 'none'; style-src '%s'; base-uri 'none'; form-action 'none'", sourceHash(replayStyle)); policy != want {
		t.Errorf("the policy is\n%s\nwant\n%s", policy, want)
	}
}

func TestReplayVerdict(t *testing.T) {
	chain := &replay.Control{ID: "x", Account: "1"}
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	alerted := replay.Answer{Control: chain, Events: 2, Alerted: []string{"a"}}
	noisy := alerted
	noisy.Actions = []replay.Action{{At: from}, {At: from}, {At: from}}
	for _, tt := range []struct {
		answer replay.Answer
		events int64
		want   string
	}{
		{alerted, 0, "There were no events, so this shows nothing."},
		{alerted, 9, "Every control with events would have alerted someone."},
		{noisy, 9, "1 control has more than 1 alarms or messages a day."},
		{replay.Answer{Control: chain, Events: 2, Unknown: []string{"x"}, Alerted: []string{"a"}}, 9, "The alarms of 1 control could not be followed."},
		{replay.Answer{Control: chain, Events: 2}, 9, "Nobody was alerted to 2 events of 1 control."},
		{replay.Answer{Control: chain, Missed: 1, Alerted: []string{"a"}}, 9, "Nobody was alerted to 1 event of 1 control."},
		{replay.Answer{Control: &replay.Control{ID: "x"}, Events: 2}, 9, "This is what the alarms that apply would create would have done."},
	} {
		r := Replay{Report: replay.Report{From: from, To: from.AddDate(0, 0, 1), Events: tt.events, Controls: []replay.Answer{tt.answer}}, Noise: 1}
		if got := replayVerdict(&r); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.answer, got, tt.want)
		}
	}
}

// TestReplayPageInChromium looks at the page as a browser does: it asks for nothing, has
// nothing to complain about, fits into every window, unfolds by keyboard, and is on paper.
func TestReplayPageInChromium(t *testing.T) {
	for name, r := range map[string]Replay{"some": someReplay(), "hostile": replayNamed(t, `<img src=x onerror=alert(1)>`+strings.Repeat("W", 300))} {
		t.Run(name, func(t *testing.T) {
			b := startBrowser(t)
			b.open(pageOf(t, r))
			if got := b.visible("article"); got != len(r.Controls) {
				t.Errorf("%d controls are shown, want %d", got, len(r.Controls))
			}
			if light := eval[string](b, "getComputedStyle(document.body).backgroundColor"); light != "rgb(251, 250, 248)" {
				t.Errorf("the style is not applied: the ground is %s", light)
			}
			if height := eval[int](b, "Math.round(document.querySelector('.bars').getBoundingClientRect().height)"); height != 72 {
				t.Errorf("the drawing of days is %d pixels high", height)
			}
			eval[bool](b, "document.querySelector('article summary').focus(), true")
			before := b.visible("table")
			b.press("Enter", 13, "\r")
			if got := b.visible("table"); got <= before {
				t.Errorf("after Enter on a summary %d tables are shown, %d before", got, before)
			}
			eval[bool](b, "document.querySelectorAll('details').forEach(d => d.open = true), true")
			for _, width := range []int{320, 480, 768, 1200, 1920} {
				b.width(width)
				if got := eval[int](b, "document.scrollingElement.scrollWidth"); got > width {
					t.Errorf("in a window of %d pixels the page is %d wide", width, got)
				}
			}
			eval[bool](b, "document.querySelectorAll('details').forEach(d => d.open = false), true")
			b.media("print", "dark")
			if got, all := eval[int](b, "[...document.querySelectorAll('table')].filter(e => e.getBoundingClientRect().height > 10).length"), len(b.texts("table")); got != all {
				t.Errorf("%d of %d tables are on paper", got, all)
			}
			for _, complaint := range b.complaints() {
				t.Error(clip(complaint))
			}
		})
	}
}
