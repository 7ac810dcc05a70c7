package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// Save writes a snapshot to a file; a new one can be read by its owner only. The file
// appears whole or not at all.
func Save(ctx context.Context, path string, s subscription.Snapshot) error {
	err := files.Write(ctx, path, files.Private, func(w io.Writer) error { return subscription.Encode(w, s) })
	if err != nil {
		return fmt.Errorf("saving snapshot: %w", err)
	}
	return nil
}

// Decode reads a saved snapshot that a stranger may have made: outside of Azure's own
// answers a key that stands twice, or in other case, is an error, too.
func Decode(data []byte) (subscription.Snapshot, error) {
	var inexact *strictjson.Error
	if errors.As(strictjson.Exact(bytes.TrimSpace(data), subscription.Snapshot{}), &inexact) {
		return subscription.Snapshot{}, fmt.Errorf("reading snapshot: %w", inexact)
	}
	return subscription.Decode(data)
}
