package cmd

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestPicture holds the picture of the README to what an audit of the demo's account shows
// at a terminal; -update draws it anew.
func TestPicture(t *testing.T) {
	d, err := newDemoRun(testEnv(nil, nil), false)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	var out bytes.Buffer
	e := d.env.at(nil, nil)
	e.Console = console.New(context.Background(), strings.NewReader(""), &out, &out, []string{"CLICOLOR_FORCE=1"})
	e.run.Console = e.Console
	root := newRoot(e)
	root.SetArgs([]string{"audit"})
	if err := root.ExecuteContext(context.Background()); exit.Code(err) != exit.ControlsFailed {
		t.Fatal(err)
	}
	drawn := picture("$ monitorctl audit\n" + out.String())
	name := filepath.Join("..", "docs", "images", "audit.svg")
	if *update {
		if err := os.WriteFile(name, []byte(drawn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil || string(have) != drawn {
		t.Errorf("docs/images/audit.svg is not what an audit shows now (%v): go test ./cmd -run TestPicture -update", err)
	}
	if !strings.Contains(drawn, `fill="#ff7b72"`) || strings.Contains(drawn, "\x1b") {
		t.Error("the picture has no colors, or escape sequences instead")
	}
}

// The columns of the picture's terminal, the size of a cell of it, and of what is around
// the text, in pixels.
const (
	terminalWidth = 132

	cellWidth  = 7.8
	cellHeight = 18
	margin     = 16
)

// picture draws colored text as a terminal shows it.
func picture(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		for !strings.Contains(line, "\x1b") && utf8.RuneCountInString(line) > terminalWidth {
			at := strings.LastIndex(line[:terminalWidth], " ")
			lines, line = append(lines, line[:at]), line[at+1:]
		}
		lines = append(lines, line)
	}
	columns := 0
	var b strings.Builder
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve">`, margin, margin+14+i*cellHeight)
		plain, spans := drawLine(line)
		columns = max(columns, utf8.RuneCountInString(plain))
		b.WriteString(spans + "</text>\n")
	}
	width, height := int(float64(columns)*cellWidth)+2*margin, len(lines)*cellHeight+2*margin
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="An audit at a terminal: four controls fail, each with the link that is broken.">
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="13" fill="#e6edf3">
%s</g>
</svg>
`, width, height, width, height, b.String())
}

// drawLine returns the text of a line without its colors, and the spans that draw it.
func drawLine(line string) (plain, spans string) {
	colors := map[string]string{"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff", "2": "#8b949e", "90": "#8b949e"}
	var b, text strings.Builder
	color, bold := "", false
	write := func(part string) {
		if part == "" {
			return
		}
		text.WriteString(part)
		style := ""
		if color != "" {
			style += ` fill="` + color + `"`
		}
		if bold {
			style += ` font-weight="bold"`
		}
		b.WriteString("<tspan" + style + ">" + html.EscapeString(part) + "</tspan>")
	}
	parts := strings.Split(line, "\x1b[")
	write(parts[0])
	for _, part := range parts[1:] {
		codes, rest, _ := strings.Cut(part, "m")
		for code := range strings.SplitSeq(codes, ";") {
			switch {
			case code == "1":
				bold = true
			case colors[code] != "":
				color = colors[code]
			default: // 0, 22, 39
				color, bold = "", false
			}
		}
		write(rest)
	}
	return text.String(), b.String()
}
