package permissions

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Place is where log files are: a bucket, and what their names begin with, "" for
// anything.
type Place struct{ Bucket, Prefix string }

// LogTable returns the calls that replay makes to read log files from S3, beside those of
// an audit for the chain.
func LogTable() []Operation { return slices.Clone(logTable) }

const srcS3 = "Amazon S3"

// The resources of replay.
const (
	LogBucket Resource = "bucket"    // the one that is given
	LogFile   Resource = "log files" // those below the prefix that is given
)

// The conditions of replay.
const (
	BelowPrefix Condition = "names below the prefix that is given" // s3:prefix
	ByS3        Condition = "by way of S3"                         // kms:ViaService
)

var logTable = []Operation{
	{Name: "s3:ListObjectsV2", Actions: []string{"s3:ListBucket"}, On: LogBucket, If: BelowPrefix, Sid: "ListLogs", Source: srcS3},
	{Name: "s3:GetObject", Actions: []string{"s3:GetObject"}, On: LogFile, Sid: "ReadLogs", Source: srcS3},
	{
		Name: "kms:Decrypt", Actions: []string{"kms:Decrypt"}, On: Key, If: ByS3, Sid: "OptionalDecryptLogs",
		Without: "log files that are encrypted with your own key are unreadable, and the report is incomplete", Source: srcKeys,
	},
}

// ForReplay adds to a policy what replay needs to read log files from places, which are
// of the scope's partition. A key is one of any account: the bucket's may belong to another.
func (p *Policy) ForReplay(places []Place, s Scope) {
	for i, place := range places {
		bucket := "arn:" + s.Partition + ":s3:::" + literal(place.Bucket)
		for _, o := range logTable {
			sid, on := o.Sid, []string{bucket}
			if i > 0 && o.On != Key {
				sid = fmt.Sprintf("%s%d", o.Sid, i+1)
			}
			var condition map[string]map[string][]string
			switch {
			case o.On == LogFile:
				on = []string{bucket + "/" + literal(place.Prefix) + "*"}
			case o.On == Key:
				on = []string{"arn:" + s.Partition + ":kms:*:*:key/*"}
				condition = map[string]map[string][]string{"StringLike": {"kms:ViaService": {"s3.*." + account.DNSSuffix(s.Partition)}}}
			case place.Prefix != "":
				condition = map[string]map[string][]string{"StringLike": {"s3:prefix": {literal(place.Prefix) + "*"}}}
			}
			p.allow(sid, o.Actions, on, condition)
		}
	}
}

// EmptyPolicy is a policy that allows nothing yet.
func EmptyPolicy() Policy { return Policy{Version: policyVersion} }
