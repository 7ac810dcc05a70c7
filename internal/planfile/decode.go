package planfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// maxFile bounds a saved plan in bytes; a plan with all controls takes 100 KB.
const maxFile = 16 << 20

// readingSchema is the schema of plans that are written with -o json.
const readingSchema = "monitorctl/plan/v1"

// Decode reads a saved plan and checks that it is whole, unedited, and that its
// wishes are such as flags can express. What is wrong with the contents is a
// *strictjson.Error.
func Decode(r io.Reader) (File, error) {
	data, err := strictjson.Read(r, maxFile)
	if err != nil {
		return File{}, err
	}
	schema, err := strictjson.Schema(data)
	switch {
	case err != nil:
		return File{}, err
	case schema == readingSchema:
		return File{}, &strictjson.Error{Msg: "it is a plan for reading (-o json), not a saved one"}
	case strings.HasPrefix(schema, "monitorctl/saved-plan/v") && schema != Schema:
		return File{}, &strictjson.Error{Msg: fmt.Sprintf("schema %q is newer than this build, which reads %s", schema, Schema)}
	case schema != Schema:
		return File{}, &strictjson.Error{Msg: fmt.Sprintf("it is no saved plan: its schema is %q", schema)}
	}
	var f File
	if err := strictjson.Decode(data, &f); err != nil {
		return File{}, err
	}
	if want := f.digest(); f.Digest != want {
		at := int64(bytes.Index(data, []byte(`"digest"`)))
		return File{}, strictjson.At(data, max(0, at), "the digest is not that of the contents: the file was edited or damaged")
	}
	return f, f.check()
}

// check holds the wishes to the rules that flags are held to.
func (f *File) check() error {
	if _, err := catalog.ParseBenchmark(f.Wishes.Benchmark); err != nil {
		return &strictjson.Error{Msg: err.Error()}
	}
	if len(f.Wishes.Controls) == 0 {
		return &strictjson.Error{Msg: "it names no control"}
	}
	o := f.Options()
	for _, s := range o.Subscribers {
		if have, err := plan.ParseSubscriber(flagOf(s)); err != nil || have != s {
			return &strictjson.Error{Msg: fmt.Sprintf("a subscriber of protocol %q is none that --subscribe takes", s.Protocol)}
		}
	}
	if err := plan.CheckNames(o); err != nil {
		return &strictjson.Error{Msg: err.Error()}
	}
	return nil
}

// flagOf returns a subscriber as --subscribe takes it.
func flagOf(s plan.Subscriber) string {
	if s.Protocol == "http" || s.Protocol == "https" {
		return s.Endpoint
	}
	return s.Protocol + ":" + s.Endpoint
}
