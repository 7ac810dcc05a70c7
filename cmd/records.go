package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/files"
)

const (
	// maxLog bounds one CloudTrail log file in bytes, unpacked.
	maxLog = 1 << 30

	// maxRecord bounds one record of it: CloudTrail's are 256 KB at most ("Quotas
	// in AWS CloudTrail").
	maxRecord = maxLine
)

// eachRecord calls f with each record of a CloudTrail log, {"Records":[...]}, one
// at a time: never more than one of them is in memory, however much the log
// unpacks to.
func eachRecord(in io.Reader, f func(record []byte) error) error {
	b := &bounded{in: in, log: maxLog}
	dec := json.NewDecoder(b)
	if t, err := b.token(dec); err != nil || t != json.Delim('{') {
		return noLog(err)
	}
	seen := false
	for b.more(dec) {
		key, err := b.token(dec)
		if err != nil {
			return err
		}
		if key != "Records" {
			var skipped json.RawMessage
			if err := b.decode(dec, &skipped); err != nil {
				return err
			}
			continue
		}
		if seen {
			return errors.New(`it has two "Records"`)
		}
		seen = true
		if err := b.list(dec, f); err != nil {
			return err
		}
	}
	if _, err := b.token(dec); err != nil {
		return err
	}
	if !seen {
		return noLog(nil)
	}
	return nil
}

// noLog is err, or the error for something else than a log.
func noLog(err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return errors.New(`it has no "Records": not a CloudTrail log file`)
}

// bounded is a reader that gives no single value of JSON more than its share.
type bounded struct {
	in         io.Reader
	value, log int64 // bytes left
}

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.log <= 0:
		return 0, &files.LimitError{Limit: maxLog}
	case b.value <= 0:
		return 0, fmt.Errorf("one of its values is larger than %d MB", maxRecord>>20)
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.value, b.log)])
	b.value -= int64(n)
	b.log -= int64(n)
	return n, err
}

func (b *bounded) more(dec *json.Decoder) bool {
	b.value = maxRecord
	return dec.More()
}

func (b *bounded) token(dec *json.Decoder) (json.Token, error) {
	b.value = maxRecord
	return dec.Token()
}

func (b *bounded) decode(dec *json.Decoder, v any) error {
	b.value = maxRecord
	return dec.Decode(v)
}

// list reads the array that comes next.
func (b *bounded) list(dec *json.Decoder, f func(record []byte) error) error {
	switch t, err := b.token(dec); {
	case err != nil:
		return err
	case t == nil: // null
		return noLog(nil)
	case t != json.Delim('['):
		return errors.New(`its "Records" is no list`)
	}
	var record json.RawMessage
	for b.more(dec) {
		if err := b.decode(dec, &record); err != nil {
			return err
		}
		if err := f(record); err != nil {
			return err
		}
	}
	_, err := b.token(dec)
	return err
}
