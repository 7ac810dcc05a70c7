package cmd

import (
	"io"
	"strings"
	"testing"
)

// TestWriteStreams demands that what goes to standard output is there before
// the format is done.
func TestWriteStreams(t *testing.T) {
	var out strings.Builder
	e := testEnv(&out, io.Discard)
	err := e.write(t.Context(), sink{format: "jsonl"}, func(w io.Writer) error {
		_, err := io.WriteString(w, "one\n")
		if out.String() != "one\n" {
			t.Errorf("after the first line standard output has %q", out.String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
