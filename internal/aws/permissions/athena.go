package permissions

import "slices"

// AthenaWishes are what a replay on Athena uses.
type AthenaWishes struct {
	Workgroup, Database string
	TrailBucket, Trail  string // and the prefix of the log files
	OutputBucket, Out   string // and the prefix of the results
	Region              string // "" for any
}

// The resources of a replay on Athena.
const (
	AthenaGroup  Resource = "workgroup"    // the one that is given
	GlueDatabase Resource = "catalog"      // Glue's, the database, and its tables
	TrailBucket  Resource = "trail bucket" // the one that is given
	TrailFiles   Resource = "trail files"  // its objects below the prefix
	OutputBucket Resource = "output"       // the bucket of the results
	OutputFiles  Resource = "results"      // its objects below the prefix
)

// Sections of the Service Authorization Reference.
const (
	srcAthena  = "Amazon Athena"
	srcGlue    = "AWS Glue"
	srcStorage = "Amazon S3"
	srcKeys    = "AWS Key Management Service"
)

// AthenaTable returns the calls of a replay on Athena, those that Athena makes with the
// caller's rights among them, in the order of the statements.
func AthenaTable() []Operation { return slices.Clone(athenaTable) }

var athenaTable = []Operation{
	{Name: "athena:GetWorkGroup", Actions: []string{"athena:GetWorkGroup"}, On: AthenaGroup, Sid: "AskAthena", Source: srcAthena},
	{Name: "athena:StartQueryExecution", Actions: []string{"athena:StartQueryExecution"}, On: AthenaGroup, Sid: "AskAthena", Source: srcAthena},
	{Name: "athena:GetQueryExecution", Actions: []string{"athena:GetQueryExecution"}, On: AthenaGroup, Sid: "AskAthena", Source: srcAthena},
	{Name: "athena:GetQueryResults", Actions: []string{"athena:GetQueryResults"}, On: AthenaGroup, Sid: "AskAthena", Source: srcAthena},
	{Name: "athena:StopQueryExecution", Actions: []string{"athena:StopQueryExecution"}, On: AthenaGroup, Sid: "AskAthena", Source: srcAthena},
	{Name: "glue:GetDatabase", Actions: []string{"glue:GetDatabase"}, On: GlueDatabase, Sid: "ReadTable", Source: srcGlue},
	{Name: "glue:GetTable", Actions: []string{"glue:GetTable"}, On: GlueDatabase, Sid: "ReadTable", Source: srcGlue},
	{Name: "glue:GetPartitions", Actions: []string{"glue:GetPartitions"}, On: GlueDatabase, Sid: "ReadTable", Source: srcGlue},
	{Name: "glue:CreateTable", Actions: []string{"glue:CreateTable"}, On: GlueDatabase, Sid: "OptionalCreateTable", Without: "the table must exist: --table", Source: srcGlue},
	{Name: "glue:DeleteTable", Actions: []string{"glue:DeleteTable"}, On: GlueDatabase, Sid: "OptionalDropTable", Without: "--drop-table fails", Source: srcGlue},
	{Name: "s3:ListObjectsV2", Actions: []string{"s3:ListBucket"}, On: TrailBucket, Sid: "ListTrail", Source: srcStorage},
	{Name: "s3:GetBucketLocation", Actions: []string{"s3:GetBucketLocation"}, On: TrailBucket, Sid: "ListTrail", Source: srcStorage},
	{Name: "s3:GetObject", Actions: []string{"s3:GetObject"}, On: TrailFiles, Sid: "ReadTrailFiles", Source: srcStorage},
	{Name: "s3:GetBucketLocation", Actions: []string{"s3:GetBucketLocation"}, On: OutputBucket, Sid: "ListResults", Source: srcStorage},
	{Name: "s3:ListObjectsV2", Actions: []string{"s3:ListBucket", "s3:ListBucketMultipartUploads"}, On: OutputBucket, Sid: "ListResults", Source: srcStorage},
	{Name: "s3:PutObject", Actions: []string{"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"}, On: OutputFiles, Sid: "WriteResults", Source: srcStorage},
	{
		Name: "kms:Decrypt", Actions: []string{"kms:Decrypt"}, On: Key, Sid: "OptionalDecryptTrail",
		Without: "log files that are encrypted with your own key cannot be read, and the statement fails", Source: srcKeys,
	},
}

// ForAthena returns the policy of a replay on Athena, as far as IAM can tell its calls
// apart; without the chain, which is what an audit reads.
func ForAthena(w AthenaWishes, s Scope) Policy {
	p := Policy{Version: policyVersion}
	for _, o := range athenaTable {
		p.allow(o.Sid, o.Actions, w.resources(o.On, s), nil)
	}
	return p
}

func (w *AthenaWishes) resources(on Resource, s Scope) []string {
	anyOf := func(text string) string {
		if text == "" {
			return "*"
		}
		return literal(text)
	}
	in := func(service string) string {
		return "arn:" + s.Partition + ":" + service + ":" + anyOf(w.Region) + ":" + anyOf(s.Account) + ":"
	}
	bucket := func(name string) string { return "arn:" + s.Partition + ":s3:::" + literal(name) }
	switch on {
	case AthenaGroup:
		return []string{in("athena") + "workgroup/" + literal(w.Workgroup)}
	case GlueDatabase:
		return []string{in("glue") + "catalog", in("glue") + "database/" + literal(w.Database), in("glue") + "table/" + literal(w.Database) + "/*"}
	case TrailBucket:
		return []string{bucket(w.TrailBucket)}
	case TrailFiles:
		return []string{bucket(w.TrailBucket) + "/" + literal(w.Trail) + "*"}
	case OutputBucket:
		return []string{bucket(w.OutputBucket)}
	case OutputFiles:
		return []string{bucket(w.OutputBucket) + "/" + literal(w.Out) + "*"}
	case Key:
		return []string{"arn:" + s.Partition + ":kms:*:*:key/*"}
	}
	return []string{"*"}
}
