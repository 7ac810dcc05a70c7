package replay_test

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
)

func TestLocations(t *testing.T) {
	group := "arn:aws:logs:eu-central-1:111122223333:log-group:g:*"
	for _, tt := range []struct {
		trails []account.Trail
		want   string
	}{
		{nil, ""},
		{[]account.Trail{{Name: "no bucket", LogGroupARN: group}}, ""},
		{[]account.Trail{{Bucket: "b", LogGroupARN: group}, {Bucket: "other"}}, "s3://b/AWSLogs/111122223333/"},
		{[]account.Trail{{Bucket: "b"}, {Bucket: "a", BucketPrefix: "p/q"}, {Bucket: "b"}}, "s3://a/p/q/AWSLogs/111122223333/ s3://b/AWSLogs/111122223333/"},
		{[]account.Trail{{Bucket: "b", LogGroupARN: group, Organization: true}}, "s3://b/AWSLogs/"},
	} {
		snap := account.Snapshot{Accounts: []account.Account{{ID: "111122223333", Trails: tt.trails}}}
		if got := strings.Join(replay.Locations(snap), " "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.trails, got, tt.want)
		}
	}
}
