package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/fxamacker/cbor/v2"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

func TestWholeReply(t *testing.T) {
	binary := func(v any) string {
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const (
		filters = "logs:DescribeMetricFilters"
		alarms  = "cloudwatch:DescribeAlarms"
		subs    = "sns:ListSubscriptionsByTopic"
		put     = "logs:PutMetricFilter"
		policy  = "sns:SetTopicAttributes"
	)
	list := func(inner string) string {
		return "<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListSubscriptionsByTopicResult>" + inner +
			"</ListSubscriptionsByTopicResult><ResponseMetadata><RequestId>x</RequestId></ResponseMetadata></ListSubscriptionsByTopicResponse>"
	}
	tests := []struct {
		name      string
		wire      wire
		operation string
		body      string
		want      string // what is wrong; "" for a whole reply
	}{
		{"tags of a bucket", wireS3, "s3:GetBucketTagging", "<?xml version=\"1.0\"?>\n<Tagging><TagSet><Tag><Key>a</Key></Tag><Tag/></TagSet></Tagging>\n", ""},
		{"a bucket without tags is an error", wireS3, "s3:GetBucketTagging", "", "it does not end"},
		{"tags that are cut", wireS3, "s3:GetBucketTagging", "<Tagging><TagSet>", "unexpected EOF"},
		{"tags of nothing", wireS3, "s3:GetBucketTagging", "<Tagging/>", "it lacks TagSet"},
		{"an error of S3", wireS3, "s3:GetBucketVersioning", "<Error><Code>InternalError</Code></Error>", "it is <Error>, not <VersioningConfiguration>"},
		{"no versioning", wireS3, "s3:GetBucketVersioning", "<VersioningConfiguration/>", ""},
		{"two documents", wireS3, "s3:GetBucketVersioning", "<VersioningConfiguration/><VersioningConfiguration/>", "there is something behind its end"},
		{"a page of a proxy", wireS3, "s3:GetBucketPolicy", "<html/>", "invalid character '<' looking for beginning of value"},
		{"a policy", wireS3, "s3:GetBucketPolicy", `{"Version":"2012-10-17","Statement":[]}`, ""},
		{"no policy is an error", wireS3, "s3:GetBucketPolicy", "", "it lacks Statement"},
		{"a bucket was created", wireS3, "s3:CreateBucket", "", ""},
		{"no filters", wireJSON, filters, `{"metricFilters":[]}`, ""},
		{"more than is asked for", wireJSON, filters, ` {"nextToken":null,"metricFilters":[{"a":[1,{"b":null}]}],"new":1}` + "\n", ""},
		{"empty", wireJSON, filters, "", "it lacks metricFilters"},
		{"empty object", wireJSON, filters, "{}", "it lacks metricFilters"},
		{"null", wireJSON, filters, `{"metricFilters":null}`, "it lacks metricFilters"},
		{"other case", wireJSON, filters, `{"MetricFilters":[]}`, "it lacks metricFilters"},
		{"error document", wireJSON, filters, `{"__type":"AccessDeniedException","message":"no"}`, `as an error has`},
		{"error beside the list", wireJSON, filters, `{"metricFilters":[],"__type":"ThrottlingException"}`, `it has "__type", as an error has`},
		{"list", wireJSON, filters, `[]`, "it is not a JSON object"},
		{"page", wireJSON, filters, `<html>`, "invalid character '<' looking for beginning of value"},
		{"cut", wireJSON, filters, `{"metricFilters":[`, "it does not end"},
		{"cut behind a value", wireJSON, filters, `{"metricFilters":[]`, "it does not end"},
		{"twice", wireJSON, filters, `{"metricFilters":[{}],"metricFilters":[]}`, `it has "metricFilters" twice`},
		{"twice inside", wireJSON, filters, `{"metricFilters":[{"a":1,"a":2}]}`, `it has "a" twice`},
		{"two documents", wireJSON, filters, `{"metricFilters":[]}{}`, "there is something behind its end"},
		{"deep", wireJSON, filters, `{"metricFilters":` + strings.Repeat("[", 9999), "it is nested too deep"},
		{"nothing to say", wireJSON, put, "", ""},
		{"nothing to say, as an object", wireJSON, put, "{}", ""},
		{"a write that failed", wireJSON, put, `{"__type":"LimitExceededException"}`, `it has "__type", as an error has`},
		{"a write behind a page", wireJSON, put, `<html></html>`, "invalid character '<' looking for beginning of value"},

		{"no subscribers", wireQuery, subs, list("<Subscriptions/>"), ""},
		{"a subscriber", wireQuery, subs, list("<Subscriptions><member><Endpoint>Subscriptions</Endpoint></member></Subscriptions>"), ""},
		{"empty XML", wireQuery, subs, "", "it does not end"},
		{"no list in XML", wireQuery, subs, list(""), "it lacks Subscriptions"},
		{"no result in XML", wireQuery, subs, "<ListSubscriptionsByTopicResponse/>", "it lacks Subscriptions"},
		{"list in the wrong place", wireQuery, subs, list("<X><Subscriptions/></X>"), "it lacks Subscriptions"},
		{"XML error", wireQuery, subs, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", "it is <ErrorResponse>, not <ListSubscriptionsByTopicResponse>"},
		{"XML cut", wireQuery, subs, list("<Subscriptions/>")[:200], "XML syntax error on line 1: unexpected EOF"},
		{"XML twice", wireQuery, subs, list("<Subscriptions/><Subscriptions/>"), `it has "Subscriptions" twice`},
		{"XML write", wireQuery, policy, "<SetTopicAttributesResponse/>", ""},
		{"XML write without an answer", wireQuery, policy, "", "it does not end"},
		{"regions of EC2", wireQuery, "ec2:DescribeRegions", "<DescribeRegionsResponse><requestId>x</requestId><regionInfo/></DescribeRegionsResponse>", ""},

		{"no alarms", wireCBOR, alarms, binary(map[string]any{"MetricAlarms": []any{}}), ""},
		{"composite alarms only", wireCBOR, alarms, binary(map[string]any{"CompositeAlarms": []any{map[string]any{"a": 1.5, "b": []byte("x"), "c": true}}}), ""},
		{"endless forms", wireCBOR, alarms, "\xbf\x7f\x66Metric\x66Alarms\xff\x9f\xc1\x01\xf9\x00\x00\xff\xff", ""},
		{"empty CBOR", wireCBOR, alarms, "", "it lacks MetricAlarms, CompositeAlarms, LogAlarms"},
		{"empty CBOR map", wireCBOR, alarms, binary(map[string]any{}), "it lacks MetricAlarms, CompositeAlarms, LogAlarms"},
		{"CBOR null", wireCBOR, alarms, binary(map[string]any{"MetricAlarms": nil}), "it lacks MetricAlarms, CompositeAlarms, LogAlarms"},
		{"CBOR error", wireCBOR, alarms, binary(map[string]any{"__type": "x"}), `it has "__type", as an error has`},
		{"JSON for CBOR", wireCBOR, alarms, `{"MetricAlarms":[]}`, "it is not a CBOR map"},
		{"CBOR cut", wireCBOR, alarms, binary(map[string]any{"MetricAlarms": []any{"abc"}})[:16], "it does not end"},
		{"CBOR twice", wireCBOR, alarms, "\xa2\x6cMetricAlarms\x81\x01\x6cMetricAlarms\x80", `it has "MetricAlarms" twice`},
		{"CBOR key", wireCBOR, alarms, "\xa1\x01\x01", "it has a key that is not text"},
		{"CBOR tail", wireCBOR, alarms, "\xa1\x6cMetricAlarms\x80\x00", "there is something behind its end"},
		{"CBOR length", wireCBOR, alarms, "\xa1\x6cMetricAlarms\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "it does not end"},
		{"CBOR reserved", wireCBOR, alarms, "\xa1\x7c", "it is not CBOR: a reserved length"},
		{"CBOR break", wireCBOR, alarms, "\xa1\x6cMetricAlarms\xff", "it is not CBOR: an end where nothing began"},
		{"CBOR deep", wireCBOR, alarms, "\xa1\x6cMetricAlarms" + strings.Repeat("\x81", 9999), "it is nested too deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, name, _ := strings.Cut(tt.operation, ":")
			err := wholeReply(tt.wire, tt.operation, name, []byte(tt.body))
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.As(err, new(*tornError)) || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// What the table demands is what the account that behaves sends, in every
// protocol; and every operation that a reading calls and that has an output
// stands in it.
func TestTableOfMembers(t *testing.T) {
	for _, p := range []Protocol{CBOR, JSON, Query} {
		l := newLab(t, awstest.Options{})
		_, _, o := l.rich()
		l.collectWith(l.session(Config{Protocol: p}), o)
		for _, operation := range l.operations() {
			if always[operation] == nil {
				t.Errorf("%s: %s is called, and what it always answers is not in the table", p, operation)
			}
		}
	}
	for _, operation := range slices.Sorted(maps.Keys(always)) {
		if _, name, ok := strings.Cut(operation, ":"); !ok || strings.HasPrefix(name, "Put") && operation != "cloudtrail:PutEventSelectors" || strings.HasPrefix(name, "Delete") {
			t.Errorf("%s: not an operation with an output", operation)
		}
	}
}

func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{`{"a":[{"b":1}]}`, "<XResponse><XResult><a/></XResult></XResponse>", "\xbf\x61a\x9f\x01\xff\xff", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for w := range wireS3 + 1 {
			if err := wholeReply(w, "x:X", "X", body); err != nil && !errors.As(err, new(*tornError)) {
				t.Errorf("wire %d: %v", w, err)
			}
		}
		if doc, err := cborDocument(body); err == nil && len(body) > 0 {
			var v map[string]any
			mode, _ := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 65535}.DecMode()
			if err := mode.Unmarshal(body, &v); err == nil && len(doc) > len(v) {
				t.Errorf("%d members, another reader sees %d", len(doc), len(v))
			}
		}
	})
}

// sized is a reply of n bytes.
type sized struct{ n int64 }

func (s sized) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)             // a client is not answered while it speaks
	_, _ = io.WriteString(w, `{"metricFilters":[`) // the client may have gone
	_, _ = io.CopyN(w, endlessBlanks{}, s.n)
	_, _ = io.WriteString(w, `]}`)
}

type endlessBlanks struct{}

func (endlessBlanks) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	return len(p), nil
}

func TestRepliesAreBounded(t *testing.T) {
	isolate(t)
	for n, want := range map[int64]string{1 << 20: "", maxReply: CodeTooLarge} {
		server := httptest.NewServer(sized{n})
		s, err := Connect(context.Background(), Config{EndpointURL: server.URL, Keys: &Keys{"AKIAEXAMPLE", "x"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Filters(context.Background(), s.Logs("eu-central-1"), "g", "")
		if got := codeOrNone(err); got != want {
			t.Errorf("a reply of %d MB: %q (%v), want %q", n>>20, got, err, want)
		}
		server.Close()
	}
}

func codeOrNone(err error) string {
	if err == nil {
		return ""
	}
	return Code(err)
}

// A redirect would take the signed request, and the session's token, elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	isolate(t)
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		followed = true
		fmt.Fprint(w, `{"metricFilters":[]}`)
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, status))
		s, err := Connect(context.Background(), Config{EndpointURL: server.URL, Keys: &Keys{"AKIAEXAMPLE", "x"}, Retries: once})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Logs("eu-central-1").DescribeMetricFilters(context.Background(), &cloudwatchlogs.DescribeMetricFiltersInput{})
		if want := fmt.Sprintf("redirect (HTTP status %d), which is not followed", status); followed || err == nil || !strings.Contains(Message(err), want) {
			t.Errorf("status %d: followed %v, error %v", status, followed, err)
		}
		server.Close()
	}
}

func TestPages(t *testing.T) {
	tests := []struct {
		name   string
		tokens []string // the answers, the last one again and again
		stopAt int      // the page at which enough is known; 0: never
		want   int      // pages read
		err    string
	}{
		{"one page", []string{""}, 0, 1, ""},
		{"three pages", []string{"a", "b", ""}, 0, 3, ""},
		{"enough", []string{"a", "a"}, 1, 1, ""},
		{"the same page again", []string{"a"}, 0, 2, "the list does not end: page 2 leads back to an earlier one"},
		{"a ring", []string{"a", "b", "a"}, 0, 3, "the list does not end: page 3 leads back to an earlier one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := 0
			err := pages(t.Context(), func(_ context.Context, token *string) (*string, bool, error) {
				if (n == 0) != (token == nil) || n > 0 && *token != tt.tokens[min(n, len(tt.tokens))-1] {
					t.Errorf("page %d was asked for with %v", n+1, token)
				}
				next := tt.tokens[min(n, len(tt.tokens)-1)]
				n++
				return &next, n == tt.stopAt, nil
			})
			if n != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("%d pages, %v; want %d, %q", n, err, tt.want, tt.err)
			}
		})
	}
	n := 0
	err := pages(t.Context(), func(context.Context, *string) (*string, bool, error) {
		n++
		next := fmt.Sprint(n)
		return &next, false, nil
	})
	if n != maxPages || !errors.As(err, new(*PagesError)) || err.Error() != "the list has more than 5000 pages" {
		t.Errorf("an endless list: %d pages, %v", n, err)
	}
}
