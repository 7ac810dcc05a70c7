package report

import (
	"html"
	"strings"
)

// An htmlWriter builds a page. Names of elements and attributes are constants
// of this package; every text and every value of an attribute goes through
// escape, and attributes are always quoted. Nothing else is ever written, so
// that these two contexts are all there are: no value stands in a script, a
// style or a URL that leaves the page.
//
// html/template would do the same and more, for 3 MB of binary: it keeps every
// method of every type, because it finds them by name.
type htmlWriter struct {
	b    strings.Builder
	open []string
	code *htmlCode // the texts of the page; nil for one without
}

func escapeHTML(text string) string { return html.EscapeString(Sanitize(text)) }

// start opens an element; attrs are names and values in turn. A name without a
// value, at the end, is a boolean attribute.
func (p *htmlWriter) start(element string, attrs ...string) {
	p.tag(element, attrs)
	p.open = append(p.open, element)
}

// void writes an element that has no content.
func (p *htmlWriter) void(element string, attrs ...string) { p.tag(element, attrs) }

func (p *htmlWriter) tag(element string, attrs []string) {
	p.b.WriteString("<" + element)
	for i := 0; i < len(attrs); i += 2 {
		p.b.WriteString(" " + attrs[i])
		if i+1 < len(attrs) {
			p.b.WriteString(`="` + escapeHTML(attrs[i+1]) + `"`)
		}
	}
	p.b.WriteByte('>')
}

// end closes the element that was opened last.
func (p *htmlWriter) end() {
	last := len(p.open) - 1
	p.b.WriteString("</" + p.open[last] + ">")
	p.open = p.open[:last]
}

// text writes text.
func (p *htmlWriter) text(text string) { p.b.WriteString(escapeHTML(text)) }

// line ends a line of the source, for people who read it and for diffs.
func (p *htmlWriter) line() { p.b.WriteByte('\n') }

// element writes an element that holds text only.
func (p *htmlWriter) element(element, text string, attrs ...string) {
	p.start(element, attrs...)
	p.text(text)
	p.end()
}

// raw writes one of this package's own files into the element that is open.
func (p *htmlWriter) raw(file string) { p.b.WriteString(file) }
