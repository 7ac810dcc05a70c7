package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// originOf says of the accounts of a report who read them, when, and what was read, where the request
// asks for it. The session is nil for a saved snapshot.
func (q *Request) originOf(ctx context.Context, one *finding.Report, snap account.Snapshot, session *collect.Session) error {
	if !q.Origin {
		return nil
	}
	from := finding.Origin{Saved: session == nil, At: snap.TakenAt}
	if session != nil {
		caller, err := session.Caller(ctx)
		if err != nil {
			return q.Source.unreachable(err)
		}
		from.Principal = caller.ARN
	}
	return markOrigin(one, from, func(w io.Writer) error { return account.Encode(w, snap) })
}

// markOrigin notes where the evidence on the accounts of a report comes from, with the digest of the file that
// encode would write.
func markOrigin(one *finding.Report, from finding.Origin, encode func(io.Writer) error) error {
	sum := sha256.New()
	if err := encode(sum); err != nil {
		return fmt.Errorf("computing the digest of the snapshot: %w", err)
	}
	from.SHA256 = hex.EncodeToString(sum.Sum(nil))
	for i := range one.Accounts {
		one.Accounts[i].Origin = from
	}
	return nil
}
