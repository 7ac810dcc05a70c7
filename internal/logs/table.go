package logs

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
)

// maxHeader bounds the first line of a table in bytes.
const maxHeader = 64 << 10

// columnName is the form of a field's name in Logs Insights.
var columnName = regexp.MustCompile(`^[@A-Za-z_][\w.@ ()*-]*$`)

// messageColumn returns which column of a table has the messages; ok is false when the
// file does not begin with the header of one, as the console of Logs Insights saves it.
func (r *Reader) messageColumn() (column int, ok bool) {
	w := &r.w
	for bytes.IndexByte(w.data(), '\n') < 0 && len(w.data()) < maxHeader && w.more() {
	}
	line, _, _ := bytes.Cut(w.data(), []byte("\n"))
	if len(line) > maxHeader || !bytes.Contains(line, []byte("@message")) {
		return 0, false
	}
	header, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil || slices.ContainsFunc(header, func(name string) bool { return !columnName.MatchString(name) }) {
		return 0, false
	}
	column = slices.Index(header, "@message")
	return column, column >= 0
}

// table reads a table with a header, in CSV, and shows what one column has.
func (r *Reader) table(column int) error {
	for row := 0; ; row++ {
		text, err := r.csvRow(row)
		if err != nil || len(text) == 0 {
			return err
		}
		rows := csv.NewReader(bytes.NewReader(text))
		rows.FieldsPerRecord = -1
		fields, err := rows.Read()
		switch {
		case len(bytes.TrimSpace(text)) == 0: // a blank line
		case err != nil:
			return fmt.Errorf("row %d is not CSV: %w", row, err)
		case row == 0: // the header
		case column >= len(fields):
			return fmt.Errorf("row %d has no @message", row)
		default:
			if err := r.inner([]byte(fields[column]), row, "@message"); err != nil {
				return err
			}
		}
		r.w.at += len(text)
	}
}

// csvRow returns the text of the next row with what ends it, nothing at the end of the
// file. A line feed between quotes does not end a row.
func (r *Reader) csvRow(number int) ([]byte, error) {
	w := &r.w
	quoted, seen := false, 0
	for {
		data := w.data()
		for ; seen < len(data); seen++ {
			switch {
			case data[seen] == '"':
				quoted = !quoted
			case data[seen] == '\n' && !quoted:
				return data[:seen+1], nil
			}
		}
		switch {
		case w.more():
		case w.full():
			return nil, fmt.Errorf("row %d is larger than a record may be", number)
		case w.failed() != nil:
			return nil, w.failed()
		case quoted:
			return nil, w.ended()
		default:
			return w.data(), nil
		}
	}
}
