package terraform

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// maxHeredocWork bounds what heredocs cost the parser in bytes moved: it joins
// their lines one by one, and moves up the list of the lines that remain.
const maxHeredocWork = 8 << 30

// listedLine is the size of a line in that list in bytes.
const listedLine = 16

// maxExponent bounds the digits of a number's exponent: written out, a number
// has as many digits as the exponent says.
const maxExponent = 3

// exponent returns the digits of the exponent of a number.
func exponent(number []byte) []byte {
	_, digits, _ := bytes.Cut(bytes.ToLower(number), []byte("e"))
	return bytes.TrimLeft(digits, "+-0")
}

// An hclGuard looks at the tokens of a file before they are parsed.
type hclGuard struct {
	// open counts, for each open bracket, the operators in it that nest what
	// stands behind them.
	open   []int
	nested int // sum of open, and the brackets

	before, last hclsyntax.TokenType

	lines, bytes int // of the template literal being read
	work         int // see maxHeredocWork
}

// checkHCL refuses tokens that would take the parser too deep or too long. The
// error is a *iac.ReadError.
func checkHCL(tokens hclsyntax.Tokens) error {
	g := &hclGuard{open: []int{0}}
	for _, t := range tokens {
		g.see(t)
		if g.nested > iac.MaxNesting {
			return iac.Unreadable(t.Range.Start.Byte, "expressions are nested more than %d levels deep", iac.MaxNesting)
		}
		if g.work > maxHeredocWork {
			return iac.Unreadable(t.Range.Start.Byte, "a heredoc is too long")
		}
		if t.Type == hclsyntax.TokenNumberLit && len(exponent(t.Bytes)) > maxExponent {
			return iac.Unreadable(t.Range.Start.Byte, "a number is too large")
		}
	}
	return nil
}

func (g *hclGuard) see(t hclsyntax.Token) {
	switch t.Type {
	case hclsyntax.TokenTemplateControl:
		// An if or for goes on behind its bracket.
		g.nest()
		g.open = append(g.open, 0)
		g.nested++
		g.lines, g.bytes = 0, 0
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
		hclsyntax.TokenTemplateInterp:
		g.open = append(g.open, 0)
		g.nested++
		g.lines, g.bytes = 0, 0
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
		hclsyntax.TokenTemplateSeqEnd:
		g.reset()
		if len(g.open) > 1 {
			g.open = g.open[:len(g.open)-1]
			g.nested--
		}
		if g.before == hclsyntax.TokenOBrack && g.last == hclsyntax.TokenStar {
			g.nest() // what follows [*] belongs to it
		}
	case hclsyntax.TokenNewline, hclsyntax.TokenComma:
		g.reset()
	case hclsyntax.TokenQuestion, hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenStar:
		g.nest()
	case hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit:
		g.lines++
		g.bytes += len(t.Bytes)
		g.work += g.bytes + listedLine*g.lines
	}
	g.before, g.last = g.last, t.Type
}

// nest notes an operator that nests what stands behind it.
func (g *hclGuard) nest() {
	g.open[len(g.open)-1]++
	g.nested++
}

// reset forgets the operators of the innermost bracket.
func (g *hclGuard) reset() {
	last := len(g.open) - 1
	g.nested -= g.open[last]
	g.open[last] = 0
}

// lowerFirst and trimStop make the error text of a library fit into a message.
func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(next) {
		return s // an abbreviation
	}
	return string(unicode.ToLower(r)) + s[size:]
}

func trimStop(s string) string { return strings.TrimSuffix(strings.TrimSpace(s), ".") }
