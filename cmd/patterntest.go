package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A patternTest is one run of "pattern test".
type patternTest struct {
	set    *language.Set
	format logs.Format
	json   bool
	named  bool // answers name their file
	out    *bufio.Writer
}

// newPatternTest builds "monitorctl pattern test".
func newPatternTest(e *env) *cobra.Command {
	var more []string
	var jsonLines, cloudtrail bool
	var output, lang string
	c := &cobra.Command{
		Use:   "test PATTERN [FILE...]",
		Short: "Which log messages match",
		Long: `test reports for each log message whether the pattern matches it, as CloudWatch Logs
would. For an event pattern, a CloudTrail record stands for the event that EventBridge
makes of it, and any other JSON object is an event. The messages are in the FILEs or on standard input, compressed with gzip or not.
Their form is recognized:

  CloudTrail log files ({"Records":[...]}), and their records one by one
  the output of "aws logs filter-log-events" and "aws cloudtrail lookup-events"
  the output of "aws logs get-query-results", if the query asks for @message
  a JSON list of records or texts
  anything else: each line is a message; blank lines are skipped

With --pattern, which can be repeated, several patterns are tested at once, and
every argument is a FILE. It exits with 0 even when nothing matches, with 1 when a
message could not be read, and with 2 when a pattern is invalid.`,
		Example: `  monitorctl pattern test '{ $.eventName = DeleteTrail }' events.jsonl
  monitorctl pattern test '{ $.errorCode = "AccessDenied*" }' trail.json.gz -o json
  aws cloudtrail lookup-events | monitorctl pattern test '{ $.userIdentity.type = Root }'
  monitorctl pattern test '{"detail":{"eventName":["DeleteTrail"]}}' events.jsonl
  monitorctl pattern test --pattern "$OLD" --pattern "$NEW" *.json.gz`,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			texts := more
			if len(texts) == 0 {
				if len(args) == 0 {
					return exit.Hinted(exit.Usage(errors.New("pattern test takes a pattern")), "see 'monitorctl pattern test --help'")
				}
				texts, args = args[:1], args[1:]
			}
			if output != "text" && output != "json" {
				return unknownFormat(output, textFormats)
			}
			if jsonLines && cloudtrail {
				return exit.Usage(errors.New("--json-lines and --cloudtrail cannot be combined"))
			}
			t := patternTest{json: output == "json", named: len(args) > 1, out: bufio.NewWriter(e.Out)}
			patterns, err := parsePatterns(texts, lang)
			if err != nil {
				return err
			}
			t.set = language.NewSet(patterns)
			switch {
			case jsonLines:
				t.format = logs.Quoted
			case cloudtrail:
				t.format = logs.CloudTrail
			}
			return errors.Join(t.run(c.Context(), e.In, args), t.out.Flush())
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&more, "pattern", nil, "test this pattern; repeatable")
	fl.BoolVar(&jsonLines, "json-lines", false, "each line is a JSON string that holds the message")
	fl.BoolVar(&cloudtrail, "cloudtrail", false, `files must be CloudTrail log files ({"Records":[...]}, compressed or not)`)
	fl.StringVarP(&output, "output", "o", "text", "text, json")
	addLanguage(c, &lang)
	return c
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
	r := logs.NewReader(scan.Compile(t.set.Filters()), logs.Options{Format: t.format})
	if len(names) == 0 {
		return t.read(r, files.NewReader(ctx, stdin), "standard input")
	}
	for _, name := range names {
		if err := t.file(ctx, r, name); err != nil {
			return err
		}
	}
	return nil
}

func (t *patternTest) file(ctx context.Context, r *logs.Reader, name string) error {
	f, err := files.Open(ctx, name)
	if err != nil {
		return fmt.Errorf("reading messages: %w", files.Named(name, err))
	}
	defer f.Close() //nolint:errcheck // only read from
	return t.read(r, f, name)
}

func (t *patternTest) read(r *logs.Reader, in io.Reader, name string) error {
	stats, err := r.Read(in, func(m *logs.Message) error { return t.answer(name, m) })
	if err == nil && stats.Oversize > 0 {
		err = fmt.Errorf("%d of its messages have more than %d MB and were not tested", stats.Oversize, logs.MaxRecord>>20)
	}
	if err != nil {
		return fmt.Errorf("reading messages of %s: %w", name, err)
	}
	return nil
}

// answer writes the answer for one message.
func (t *patternTest) answer(name string, m *logs.Message) error {
	if t.json {
		return t.answerJSON(name, m)
	}
	where := fmt.Sprint(m.Number)
	if t.named {
		where = report.Sanitize(name) + ":" + where
	}
	var verdicts []string
	for _, v := range t.set.Verdicts(m.Text, m.Verdicts) {
		verdicts = append(verdicts, v.String())
	}
	_, err := fmt.Fprintf(t.out, "%s: %s\n", where, strings.Join(verdicts, ", "))
	return err
}

// answerJSON writes it as JSON: null is what is undetermined.
func (t *patternTest) answerJSON(name string, m *logs.Message) error {
	verdicts := t.set.Verdicts(m.Text, m.Verdicts)
	matches := make([]*bool, len(verdicts))
	for i, v := range verdicts {
		if v != match.Undetermined {
			matches[i] = new(v == match.Match)
		}
	}
	answer := struct {
		File    string          `json:"file,omitempty"`
		Line    int             `json:"line"`
		Match   json.RawMessage `json:"match,omitempty"`
		Matches []*bool         `json:"matches,omitempty"`
	}{Line: m.Number}
	if t.named {
		answer.File = name
	}
	if len(matches) > 1 {
		answer.Matches = matches
		return json.NewEncoder(t.out).Encode(answer)
	}
	var err error
	if answer.Match, err = json.Marshal(matches[0]); err != nil {
		return err
	}
	return json.NewEncoder(t.out).Encode(answer)
}
