package planfile

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// maxFile bounds a saved plan in bytes; a plan with all controls takes 100 KB.
const maxFile = 16 << 20

// readingSchema is the schema of plans that are written with -o json.
const readingSchema = "monitorctl/plan/v1"

// Decode reads a saved plan and checks that it is whole, unedited, and that its
// wishes are such as flags can express. What is wrong with the contents is a
// *strictjson.Error.
func Decode[W Wishes](r io.Reader) (File[W], error) {
	data, err := strictjson.Read(r, maxFile)
	if err != nil {
		return File[W]{}, err
	}
	schema, err := strictjson.Schema(data)
	switch {
	case err != nil:
		return File[W]{}, err
	case schema == readingSchema:
		return File[W]{}, &strictjson.Error{Msg: "it is a plan for reading (-o json), not a saved one"}
	case strings.HasPrefix(schema, "monitorctl/saved-plan/v") && schema != Schema:
		return File[W]{}, &strictjson.Error{Msg: fmt.Sprintf("schema %q is newer than this version, which reads %s", schema, Schema)}
	case schema != Schema:
		return File[W]{}, &strictjson.Error{Msg: fmt.Sprintf("it is not a saved plan: its schema is %q", schema)}
	}
	var f File[W]
	if err := strictjson.Decode(data, &f); err != nil {
		return File[W]{}, err
	}
	if want := f.digest(); f.Digest != want {
		at := int64(bytes.Index(data, []byte(`"digest"`)))
		return File[W]{}, strictjson.At(data, max(0, at), "its digest does not match its contents: the file was edited or damaged")
	}
	if err := f.Wishes.Check(); err != nil {
		return f, &strictjson.Error{Msg: err.Error()}
	}
	return f, nil
}
