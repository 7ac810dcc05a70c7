package logs

import "testing"

func TestParseKey(t *testing.T) {
	const file = "111122223333_CloudTrail_eu-west-1_20261130T0815Z_7xgocspSowgK0Gto.json.gz"
	const folders = "111122223333/CloudTrail/eu-west-1/2026/11/30/"
	for _, tt := range []struct{ name, trail, kind string }{
		{"AWSLogs/" + folders + file, "AWSLogs/", Records},
		{"AWSLogs/o-abcdef1234/" + folders + file, "AWSLogs/o-abcdef1234/", Records},
		{"logs/prod/AWSLogs/" + folders + file, "logs/prod/AWSLogs/", Records},
		{"logs/AWSLogs/o-abcdef1234/" + folders + file, "logs/AWSLogs/o-abcdef1234/", Records},
		{"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/30/111122223333_CloudTrail-Digest_eu-west-1_trail_a_eu-west-1_20261130T081500Z.json.gz", "AWSLogs/", Digest},
		{"x/AWSLogs/o-abcdef1234/111122223333/CloudTrail-Insight/eu-west-1/2026/11/30/111122223333_CloudTrail-Insight_eu-west-1_20261130T0815Z_7xgocspSowgK0Gto.json.gz", "x/AWSLogs/o-abcdef1234/", Insights},
		{"AWSLogs/111122223333/CloudTrail-NetworkActivity/eu-west-1/2026/11/30/111122223333_CloudTrail-NetworkActivity_eu-west-1_20261130T0815Z_7xgocspSowgK0Gto.json.gz", "AWSLogs/", "CloudTrail-NetworkActivity"},
		// Prefixes that look like something else.
		{"o-abcdef1234/AWSLogs/o-abcdef1234/" + folders + file, "o-abcdef1234/AWSLogs/o-abcdef1234/", Records},
		{"AWSLogs/AWSLogs/" + folders + file, "AWSLogs/AWSLogs/", Records},
		{"AWSLogs/444455556666/CloudTrail/AWSLogs/" + folders + file, "AWSLogs/444455556666/CloudTrail/AWSLogs/", Records},
		{"/tmp/copy/AWSLogs/" + folders + file, "/tmp/copy/AWSLogs/", Records},
		// Copies without the folders, or without all of them.
		{file, "", Records},
		{"some/dir/" + file, "", Records},
		{"eu-west-1/2026/11/30/" + file, "", Records},
		{"o-abcdef1234/" + folders + file, "", Records},
		{"111122223333_CloudTrail_us-gov-east-1_20261130T0815Z_abc.json", "", Records},
	} {
		k, ok := ParseKey(tt.name)
		if !ok || k.Trail != tt.trail || k.Kind != tt.kind || k.Account != "111122223333" || k.Delivered.Format("2006-01-02T15:04:05") != "2026-11-30T08:15:00" {
			t.Errorf("%s: %+v, %t", tt.name, k, ok)
		}
	}
	for _, name := range []string{
		"", "events.json", "AWSLogs/" + folders, "AWSLogs/" + folders + "aws-cloudtrail.tmp", "1111_CloudTrail_eu-west-1_20261130T0815Z_abc.json.gz",
		"111122223333_CloudTrail_eu-west-1_20261340T0815Z_abc.json.gz", "111122223333_elasticloadbalancing_eu-west-1_20261130T0815Z_abc.json.gz", file + ".part",
	} {
		if k, ok := ParseKey(name); ok {
			t.Errorf("%s: %+v", name, k)
		}
	}
}
