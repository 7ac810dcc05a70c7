// Package text finds filter patterns in scripts, code and prose: what has the
// form of a pattern and stands in quotes, in a code block or on lines of its own,
// and the arguments of --filter-pattern.
//
// The languages are not parsed. What is known of them is how texts are quoted,
// escaped and put together, and how variables look in them: those become holes.
// What goes on in a way that is not followed has a gap.
package text

import (
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// A Language says how texts are quoted.
type Language byte

// The languages.
const (
	Other      Language = iota // code: escapes in "..." and '...'
	Shell                      // no escapes in '...', variables in "..."
	Markdown                   // prose: \| in tables
	PowerShell                 // escapes begin with ` in "...", quotes are doubled
	Make                       // Shell, in which $$ is $
	Doubled                    // CSV, SQL, Visual Basic: quotes are doubled, nothing is escaped
)

// isShell reports whether texts go without escapes where ' stands around them, and
// words may be arguments.
func (l Language) isShell() bool { return l == Shell || l == PowerShell || l == Make }

// LanguageOf tells the language of a file by its name.
func LanguageOf(name string) Language {
	name = strings.ToLower(name)
	at := strings.LastIndexByte(name, '.')
	switch name[at+1:] {
	case "sh", "bash", "zsh", "ksh", "bats", "dockerfile", "cmd", "bat", "envrc", "env", "justfile":
		return Shell
	case "makefile", "gnumakefile", "mk":
		return Make
	case "ps1", "psm1", "psd1":
		return PowerShell
	case "csv", "tsv", "sql", "vb":
		return Doubled
	case "md", "markdown", "mdx", "rst", "adoc", "asciidoc", "txt", "html", "org":
		return Markdown
	}
	return Other
}

// start matches where a pattern may begin: a brace that may be doubled, as in
// Python's f"..." and C#'s $"...", and a selector whose $ may be escaped.
var start = regexp.MustCompile(`\{{1,2}(?:[\s(]|\\[nrt])*[\\\x60]?\$\.[A-Za-z_*\['@-][^\s=!<>(){};,]*(?:\s|\\[nrt])*(?:[=!<>]|(?i:IS|NOT)\s)`)

// option matches the option of the command line interface and what is between
// it and its argument.
var option = regexp.MustCompile(`--filter-pattern(?:=|[ \t]+(?:\\\r?\n[ \t]*)?)`)

// piece matches a condition that begins a text: code puts a pattern together of
// such pieces.
var piece = regexp.MustCompile("[\"'`]\\(+\\s*\\\\?\\$\\.[A-Za-z][A-Za-z.\\[\\]]*\\s*!?=")

// builder matches code of the CDK that makes a pattern without writing it.
var builder = regexp.MustCompile(`\bFilterPattern\s*\.\s*(?:all|any|stringValue|numberValue|booleanValue|string_value|number_value|boolean_value|exists|notExists|not_exists|isNull|is_null|spaceDelimited|space_delimited|anyTerm|any_term|allTerms|all_terms|anyTermGroup|any_term_group)\s*\(`)

const (
	// maxPattern bounds in bytes how far the end of a pattern is looked for.
	maxPattern = 1 << 14

	// maxBraces bounds the braces in each other: those of a pattern, and of a regular
	// expression in it.
	maxBraces = 3

	// maxFound bounds the patterns of one text.
	maxFound = 50_000
)

// Read returns the patterns of a text, in its order.
func Read(t iac.Text, l Language, holes iac.Holes) []iac.Found {
	if l == Make {
		t = t.Replace("$$", "$")
	}
	r := &reader{text: t, language: l, holes: holes}
	marks := slices.Concat(start.FindAllStringIndex(t.Value, -1), option.FindAllStringIndex(t.Value, -1), builder.FindAllStringIndex(t.Value, -1))
	if l == Other {
		marks = append(marks, piece.FindAllStringIndex(t.Value, -1)...)
	}
	slices.SortFunc(marks, func(a, b []int) int { return a[0] - b[0] })
	for _, at := range marks {
		if at[0] < r.done || len(r.found) >= maxFound {
			continue
		}
		switch r.text.Value[at[0]] {
		case '{':
			r.pattern(at[0])
		case '-':
			r.argument(at[1])
		case '"', '\'', '`':
			r.piece(at[0], at[1])
		default:
			r.gap(at[0], r.closing(at[1]), "a pattern that code makes; check the template that it writes (cdk synth)")
		}
	}
	return r.found
}

// closing returns the offset behind the parenthesis that closes what was opened
// before an offset; what stands in between belongs to it.
func (r *reader) closing(from int) int {
	depth := 1
	for i := from; i < min(len(r.text.Value), from+maxPattern); i++ {
		switch r.text.Value[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return from
}

// piece notes a text that is a part of a pattern, once for all that stand
// together.
func (r *reader) piece(from, to int) {
	const why = "code builds the pattern from pieces"
	if n := len(r.found); n > 0 && r.found[n-1].Gap != "" && !strings.Contains(r.text.Value[r.done:from], "\n\n") {
		r.done = to
		return
	}
	r.gap(from+1, to, why)
}

type reader struct {
	text     iac.Text
	language Language
	holes    iac.Holes
	done     int // offset behind what was found last
	found    []iac.Found
}

func (r *reader) gap(from, to int, why string) {
	f := iac.Found{Kind: iac.Other, Gap: why, Holes: r.holes}
	f.Source, f.Pos = r.text.At(from)
	r.found = append(r.found, f)
	r.done = to
}

func (r *reader) add(from, to int, t iac.Text) {
	f := iac.Found{Kind: iac.Other, Text: t, Holes: r.holes}
	f.Source, f.Pos = r.text.At(from)
	r.found = append(r.found, f.Settle())
	r.done = to
}

// pattern reads the pattern that begins at a brace.
func (r *reader) pattern(at int) {
	if q, ok := r.quoteBefore(at); ok {
		t, end, closed := r.quoted(q)
		switch {
		case !closed:
			r.plain(at)
		case !strings.HasSuffix(strings.TrimRight(t.Value, " \t\r\n"), "}"):
			r.gap(at, end, "the text goes on in a way that is not followed")
		default:
			r.add(at, end, t)
		}
		return
	}
	if strings.HasPrefix(r.text.Value[at:], "{{") {
		r.done = at + 2 // a placeholder of a template engine
		return
	}
	r.plain(at)
}

// A quote is an open quotation.
type quote struct {
	mark    string // that ends it: `"`, `'`, "`", `"""`, `\"`
	from    int    // offset behind the mark that opened it
	escapes bool   // \ is an escape
	dollar  bool   // $name is a variable; ${name} is one anywhere
	doubled bool   // {{ is a brace, {name} a variable
	twice   bool   // the mark twice is the mark itself
}

// quoteBefore returns the quotation in which the text at an offset stands, if
// nothing but blanks is between.
func (r *reader) quoteBefore(at int) (quote, bool) {
	s := r.text.Value
	i := at
	for i > 0 && (iac.IsBlank(s[i-1]) || i > 1 && s[i-2] == '\\' && strings.IndexByte("nrt", s[i-1]) >= 0) {
		if iac.IsBlank(s[i-1]) {
			i--
		} else {
			i -= 2
		}
	}
	if i > 1 && s[i-1] == '\n' || i == 0 {
		return quote{}, false
	}
	c := s[i-1]
	if c != '"' && c != '\'' && c != '`' {
		return quote{}, false
	}
	q := quote{mark: string(c), from: i, escapes: r.language != Markdown || c == '"'}
	if r.language == Doubled {
		q.escapes, q.twice = false, true
		return q, true
	}
	before := i - 1
	switch {
	case strings.HasSuffix(s[:i], strings.Repeat(string(c), 3)):
		q.mark, before = s[i-3:i], i-3
	case before > 0 && s[before-1] == '\\':
		q.mark, before = s[i-2:i], i-2
		q.escapes = false
	}
	if c == '`' {
		q.dollar = r.language == Other
		return q, true
	}
	if r.language.isShell() {
		q.escapes, q.dollar, q.twice = q.escapes && c == '"', c == '"', r.language == PowerShell
		return q, true
	}
	prefix := before
	for prefix > 0 && prefix > before-3 && (isLetter(s[prefix-1]) || s[prefix-1] == '$' || s[prefix-1] == '@') {
		prefix--
	}
	// A pattern never begins with two braces: the text is one of a format.
	q.doubled = r.language == Other && strings.HasPrefix(s[at:], "{{")
	if strings.ContainsAny(s[prefix:before], "rR@") {
		q.escapes, q.twice = false, strings.Contains(s[prefix:before], "@")
	}
	q.dollar = r.language == Other && c == '"' // Kotlin, Groovy, Dart, PHP; elsewhere it is no pattern
	return q, true
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// joint matches what stands between two texts that are put together.
var joint = regexp.MustCompile(`^[ \t]*(?:[+.&~,]|\.\.|\\)?[ \t]*(?:\\?\r?\n)?[ \t]*(?:[+.&~]|\.\.)?[ \t]*[rbfRBF$@]{0,2}$`)

// quoted reads a quoted text and those that it is put together with.
func (r *reader) quoted(q quote) (t iac.Text, end int, closed bool) {
	var b iac.Builder
	i := q.from
	for {
		if i, closed = r.body(&b, q, i); !closed {
			return iac.Text{}, i, false
		}
		if r.language != Other || strings.HasSuffix(strings.TrimRight(b.Text().Value, " \t\r\n"), "}") {
			return b.Text(), i, true
		}
		between := r.text.Value[i:min(len(r.text.Value), i+200)]
		next := strings.Index(between, q.mark)
		if next < 0 {
			return b.Text(), i, true
		}
		if name := added.FindStringSubmatchIndex(between[:next]); name != nil {
			r.hole(&b, i+name[2], between[name[2]:name[3]])
		} else if !joint.MatchString(between[:next]) {
			return b.Text(), i, true
		}
		i += next + len(q.mark)
	}
}

// added matches a variable that is put between two texts: + name +.
var added = regexp.MustCompile(`^\s*(?:[+.&]|\.\.)\s*([A-Za-z_$@][A-Za-z0-9_.$]*(?:\([A-Za-z0-9_., $]*\)|\[[^\[\]"'\n]*\])?)\s*(?:[+.&]|\.\.)\s*[rbfRBF$@]{0,2}$`)

// hole adds something that is put in when the code runs.
func (r *reader) hole(b *iac.Builder, at int, what string) {
	src, pos := r.text.At(at)
	b.Add(iac.Fixed(src, string(r.holes.Make(what)), pos))
}

// body reads from an offset to the end of the quotation, behind which it
// returns.
func (r *reader) body(b *iac.Builder, q quote, i int) (end int, closed bool) {
	s := r.text.Value
	from := i
	flush := func(to int) {
		if to > from {
			b.Add(r.text.Slice(from, to))
		}
	}
	for limit := min(len(s), i+maxPattern); i < limit; {
		rest := s[i:limit]
		var decoded string
		var size int
		switch {
		case q.twice && strings.HasPrefix(rest, q.mark+q.mark):
			decoded, size = q.mark, 2*len(q.mark)
		case r.language == PowerShell && q.dollar && rest[0] == '`' && len(rest) > 1:
			decoded, size = rest[1:2], 2
		case strings.HasPrefix(rest, q.mark):
			flush(i)
			return i + len(q.mark), true
		case q.escapes && r.language != PowerShell && rest[0] == '\\' && len(rest) > 1:
			decoded, size = r.escape(rest)
		case len(q.mark) == 2 && q.mark[0] == '\\' && strings.HasPrefix(rest, `\\\`) && len(rest) > 3:
			decoded, size = rest[3:4], 4
		case r.language == Markdown && strings.HasPrefix(rest, `\|`):
			decoded, size = "|", 2
		case q.doubled && (strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}")):
			decoded, size = rest[:1], 2
		default:
			if what := r.variable(q, rest); what != "" {
				flush(i)
				r.hole(b, i, what)
				i += len(what)
				from = i
				continue
			}
			i++
			continue
		}
		flush(i)
		src, pos := r.text.At(i)
		b.Decoded(decoded, src, pos)
		i += size
		from = i
	}
	return i, false
}

// escape decodes an escape.
func (r *reader) escape(rest string) (decoded string, size int) {
	if r.language.isShell() || r.language == Markdown {
		switch rest[1] {
		case '"', '\\', '$', '`':
			return rest[1:2], 2
		case '\n':
			return "", 2
		}
		return rest[:1], 1
	}
	switch rest[1] {
	case 'n', 'r', 't':
		return " ", 2
	case '\n':
		return "", 2
	case '"', '\'', '\\', '$', '`', '/', '{', '}':
		return rest[1:2], 2
	case 'u', 'x':
		if decoded, size = iac.DoubleQuoted(rest); size > 0 {
			return decoded, size
		}
	}
	return rest[:1], 1
}

var (
	dollarName = regexp.MustCompile(`^\$(?:\{[^{}\n]*\}|\([^()\n]*\)|[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?])`)
	braceName  = regexp.MustCompile(`^\{(?:[A-Za-z_][^{}\n]*|[0-9]*)\}`)
	engine     = regexp.MustCompile(`^(?:\$?\{\{[^{}\n]*\}\}|<%[^\n]*?%>)`)
	inAngles   = regexp.MustCompile(`^<[A-Za-z][A-Za-z0-9_ -]*>`)
	hashName   = regexp.MustCompile(`^#\{[^{}\n]*\}`)
	verb       = regexp.MustCompile(`^%(?:[sdvq]|\([A-Za-z_]+\)s|[0-9]+\$s)`)
)

// variable returns what at the beginning of rest is put in later, "" when
// nothing is.
func (r *reader) variable(q quote, rest string) string {
	if strings.IndexByte("{$<", rest[0]) >= 0 && !q.doubled {
		if what := engine.FindString(rest); what != "" {
			return what
		}
	}
	switch {
	case rest[0] == '<' && !r.language.isShell():
		return inAngles.FindString(rest)
	case rest[0] == '$' && (q.dollar || strings.HasPrefix(rest, "${")):
		return dollarName.FindString(rest)
	case q.doubled && rest[0] == '{':
		return braceName.FindString(rest)
	case rest[0] == '#' && r.language == Other:
		return hashName.FindString(rest)
	case rest[0] == '%' && r.language == Other:
		return verb.FindString(rest)
	}
	return ""
}

// plain reads a pattern that stands without quotes, up to its closing brace. An
// empty line, the end of a code block and braces in braces end the search.
func (r *reader) plain(at int) {
	s := r.text.Value
	depth, inText := 0, false
	limit := min(len(s), at+maxPattern)
	for i := at; i < limit; i++ {
		switch c := s[i]; {
		case c == '\n' && (i+1 < limit && (s[i+1] == '\n' || strings.HasPrefix(s[i+1:limit], "\r\n") || strings.HasPrefix(strings.TrimLeft(s[i+1:limit], " \t"), "```"))):
			r.gap(at, i, "the pattern does not end")
			return
		case c == '"' && (i == 0 || s[i-1] != '\\'):
			inText = !inText
		case inText:
		case c == '{':
			if depth++; depth > maxBraces {
				r.gap(at, at+1, "the pattern does not end")
				return
			}
		case c == ';' && r.language == Other:
			return // a block of code
		case c == '}':
			if depth--; depth == 0 {
				r.add(at, i+1, r.unquoted(at, i+1))
				return
			}
		}
	}
	r.gap(at, min(at+1, limit), "the pattern does not end")
}

// unquoted is the text of a part without quotes.
func (r *reader) unquoted(from, to int) iac.Text {
	t := r.text.Slice(from, to)
	if r.language == Markdown {
		t = iac.FillAngles(t.Replace(`\|`, "|"), r.holes)
	}
	if strings.Contains(t.Value, `\$`) {
		t = t.Replace(`\$`, "$")
	}
	return iac.FillVariables(iac.FillPlaceholders(t, r.holes), r.holes)
}

// argument reads the argument of --filter-pattern.
func (r *reader) argument(at int) {
	s := r.text.Value
	if at >= len(s) {
		return
	}
	switch c := s[at]; {
	case c == '"' || c == '\'':
		inCode := r.language == Other // the command stands in a text with escapes of its own
		q := quote{mark: string(c), from: at + 1, escapes: c == '"' || inCode, dollar: c == '"' || inCode, twice: r.language == PowerShell}
		was := r.language
		if !was.isShell() {
			r.language = Shell
		}
		t, end, closed := r.quoted(q)
		r.language = was
		if !closed {
			r.gap(at, at+1, "the text does not end")
			return
		}
		r.argumentText(at, end, t)
	case c == '$':
		r.variableArgument(at, dollarName.FindString(s[at:]))
	case c == '<' || c == '\\' || iac.IsBlank(c):
	default:
		end := at
		for end < len(s) && !iac.IsBlank(s[end]) && strings.IndexByte("`'\";|&)<>", s[end]) < 0 {
			end++
		}
		if end > at {
			r.argumentText(at, end, r.text.Slice(at, end))
		}
	}
}

// argumentText notes an argument, unless nothing but variables is in it, or no
// pattern at all: that matches everything, on purpose.
func (r *reader) argumentText(at, end int, t iac.Text) {
	r.done = end
	text := strings.TrimSpace(t.Value)
	if text == "" || strings.Trim(text, ".") == "" {
		return
	}
	if strings.IndexFunc(text, func(c rune) bool { return !iac.IsHole(c) }) < 0 {
		r.variableArgument(at, strings.Trim(r.text.Value[at:end], `"' `))
		return
	}
	r.add(at, end, t)
}

// variableArgument looks at an argument that is a variable: what it holds is found
// where it is set, but not if that is elsewhere. Parameters of functions, members
// of lists and what commands print are set in many ways.
func (r *reader) variableArgument(at int, variable string) {
	name := strings.Trim(variable, "${}")
	src, _ := r.text.At(at)
	if src == nil || !variableName.MatchString(name) || regexp.MustCompile(`(?:^|[^$\w{])`+name+`\b`).Match(src.Data) {
		return
	}
	r.gap(at, at+len(variable), iac.Interpolation(variable)+", which is not set here")
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
