package cmd

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/report"
)

// maxLine bounds one log message in bytes: CloudWatch Logs takes events of up
// to 1 MiB, and JSON escapes can make a line six times as long.
const maxLine = 8 << 20

// A patternTest is one run of "pattern test".
type patternTest struct {
	match                 func(message []byte) pattern.Verdict
	jsonLines, cloudtrail bool
	json, several         bool
	out                   *bufio.Writer
}

// newPatternTest builds "monitorctl pattern test".
func newPatternTest(e *env) *cobra.Command {
	var t patternTest
	var output, language string
	c := &cobra.Command{
		Use:   "test PATTERN [FILE...]",
		Short: "Which log messages match",
		Long: `test says for each log message whether the pattern matches it, as CloudWatch Logs
would. A message is a line of a FILE or of standard input; blank lines are skipped.
An event pattern of EventBridge is tested on events, and on CloudTrail records as the
events that EventBridge makes of them. It exits with 0 also when nothing matches, and with 2 when the pattern makes no sense.`,
		Example: `  monitorctl pattern test '{ $.eventName = DeleteTrail }' events.jsonl
  monitorctl pattern test '{ $.errorCode = "AccessDenied*" }' --cloudtrail trail.json.gz -o json`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hinted(usage(errors.New("pattern test takes a pattern")), "see 'monitorctl pattern test --help'")
			}
			if output != "text" && output != "json" {
				return unknownFormat(output)
			}
			match, err := matcherOf(args[0], language)
			if err != nil {
				return err
			}
			t.match, t.json, t.several, t.out = match, output == "json", len(args) > 2, bufio.NewWriter(e.out)
			return errors.Join(t.run(c.Context(), e.in, args[1:]), t.out.Flush())
		},
	}
	fl := c.Flags()
	fl.BoolVar(&t.jsonLines, "json-lines", false, "each line is a JSON string that holds the message")
	fl.BoolVar(&t.cloudtrail, "cloudtrail", false, `files are CloudTrail logs ({"Records":[...]}, also .gz)`)
	fl.StringVarP(&output, "output", "o", "text", "text, json")
	addLanguage(c, &language)
	c.MarkFlagsMutuallyExclusive("json-lines", "cloudtrail")
	return c
}

// matcherOf parses a pattern of either language and returns what it matches.
func matcherOf(text, language string) (func(message []byte) pattern.Verdict, error) {
	event, err := isEventPattern(text, language)
	if err != nil {
		return nil, err
	}
	if event {
		p, err := parseEventPattern(text)
		if err != nil {
			return nil, err
		}
		return matchEvent(p), nil
	}
	p, err := parsePattern(text)
	if err != nil {
		return nil, err
	}
	return p.Match, nil
}

// parsePattern parses a pattern that a user typed; the error shows where it
// stops making sense.
func parsePattern(text string) (*pattern.Pattern, error) {
	p, err := pattern.Parse(text)
	var syntax *pattern.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &codeError{code: exitUsage, err: err, hint: caretAt(syntax.Pattern, syntax.Offset)}
	}
	if err != nil {
		return nil, usage(err)
	}
	return p, nil
}

// caretAt shows the place of a syntax error: the text around it on one line, with
// a mark in front of the offending character.
func caretAt(text string, offset int) string {
	const around = 30
	from, to := max(0, offset-around), min(len(text), offset+around)
	return fmt.Sprintf("at byte %d, here (>>>): %s>>>%s", offset, text[from:offset], text[offset:to])
}

// run tests the messages of the files, or of standard input when there are none.
func (t *patternTest) run(ctx context.Context, stdin io.Reader, names []string) error {
	if len(names) == 0 {
		return t.read(files.NewReader(ctx, stdin), "standard input")
	}
	for _, name := range names {
		if err := t.file(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (t *patternTest) file(ctx context.Context, name string) error {
	f, err := files.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("reading messages: %w", files.Named(name, err))
	}
	defer f.Close() //nolint:errcheck // only read from
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return fmt.Errorf("reading messages of %s: %w", name, err)
		}
		in = z
	}
	return t.read(in, name)
}

func (t *patternTest) read(in io.Reader, name string) error {
	var err error
	if t.cloudtrail {
		err = t.records(in, name)
	} else {
		err = t.lines(in, name)
	}
	if err != nil {
		return fmt.Errorf("reading messages of %s: %w", name, err)
	}
	return nil
}

// records tests the records of a CloudTrail log file.
func (t *patternTest) records(in io.Reader, name string) error {
	n := 0
	return eachRecord(in, func(record []byte) error {
		n++
		return t.say(name, n, record)
	})
}

// lines tests a message per line.
func (t *patternTest) lines(in io.Reader, name string) error {
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		message := bytes.TrimSuffix(s.Bytes(), []byte("\r"))
		if t.jsonLines {
			var text string
			if err := json.Unmarshal(message, &text); err != nil {
				return fmt.Errorf("line %d is not a JSON string: %w", n, err)
			}
			message = []byte(text)
		} else if len(bytes.TrimSpace(message)) == 0 {
			continue
		}
		if err := t.say(name, n, message); err != nil {
			return err
		}
	}
	return s.Err()
}

// say writes the answer for one message.
func (t *patternTest) say(name string, line int, message []byte) error {
	v := t.match(message)
	if !t.json {
		where := fmt.Sprint(line)
		if t.several {
			where = report.Sanitize(name) + ":" + where
		}
		_, err := fmt.Fprintf(t.out, "%s: %s\n", where, v)
		return err
	}
	answer := struct {
		File  string `json:"file,omitempty"`
		Line  int    `json:"line"`
		Match *bool  `json:"match"`
	}{Line: line}
	if t.several {
		answer.File = name
	}
	if v != pattern.Undetermined {
		m := v == pattern.Match
		answer.Match = &m
	}
	return json.NewEncoder(t.out).Encode(answer)
}
