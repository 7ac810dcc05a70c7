package change

import (
	"context"
	"testing"
)

// The context of a write outlives the run that was told to stop, and ends with the
// write.
func TestWriting(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w, stop := Writing(ctx)
	cancel()
	if w.Err() != nil {
		t.Errorf("context of a write after the end of the run: %v", w.Err())
	}
	stop()
	if w.Err() == nil {
		t.Error("context of a write lives on after the write")
	}
}
