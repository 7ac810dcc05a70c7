package bucket

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/monitorctl/monitorctl/internal/logs"
)

// A fake is a bucket named trail that behaves like S3's in what this package asks for.
type fake struct {
	objects map[string]string
	page    int    // keys in a page of a list
	region  string // that the bucket is in; "" for any
	denied  string // the part of a key that may not be read
	breaks  int    // connections that break in the middle of an object

	mu       sync.Mutex
	requests []string
}

type listed struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name                  string
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []content
	CommonPrefixes        []common
}

type content struct {
	Key  string
	Size int
	ETag string
}

type common struct{ Prefix string }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/trail"), "/")
	f.mu.Lock()
	f.requests = append(f.requests, strings.TrimSpace(key+" "+r.URL.Query().Get("prefix")+" "+r.Header.Get("Range")))
	f.mu.Unlock()
	if f.region != "" && !strings.Contains(r.Header.Get("Authorization"), "/"+f.region+"/s3/") {
		w.Header().Set("X-Amz-Bucket-Region", f.region)
		fail(w, http.StatusMovedPermanently, "PermanentRedirect", "elsewhere")
		return
	}
	if !strings.HasPrefix(r.URL.Path, "/trail") {
		fail(w, http.StatusNotFound, "NoSuchBucket", "no such bucket")
		return
	}
	if key == "" {
		f.list(w, r)
		return
	}
	f.get(w, r, key)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	prefix, delimiter, token := q.Get("prefix"), q.Get("delimiter"), q.Get("continuation-token")
	var keys []string
	for key := range f.objects {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		if i := strings.Index(key[len(prefix):], "/"); delimiter != "" && i >= 0 {
			key = key[:len(prefix)+i+1]
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	keys = slices.DeleteFunc(keys, func(k string) bool { return token != "" && k <= token })
	out := listed{Name: "trail"}
	if len(keys) > f.page {
		keys, out.IsTruncated = keys[:f.page], true
		out.NextContinuationToken = keys[f.page-1]
	}
	for _, k := range keys {
		if strings.HasSuffix(k, "/") {
			out.CommonPrefixes = append(out.CommonPrefixes, common{k})
		} else {
			out.Contents = append(out.Contents, content{k, len(f.objects[k]), etag(f.objects[k])})
		}
	}
	if err := xml.NewEncoder(w).Encode(out); err != nil {
		panic(err)
	}
}

func etag(content string) string { return fmt.Sprintf("%q", strconv.Itoa(len(content))) }

func (f *fake) get(w http.ResponseWriter, r *http.Request, key string) {
	text, ok := f.objects[key]
	switch {
	case f.denied != "" && strings.Contains(key, f.denied):
		fail(w, http.StatusForbidden, "AccessDenied", "User is not authorized to perform: kms:Decrypt on the key")
		return
	case !ok:
		fail(w, http.StatusNotFound, "NoSuchKey", "no such key")
		return
	case r.Header.Get("If-Match") != etag(text):
		fail(w, http.StatusPreconditionFailed, "PreconditionFailed", "another version")
		return
	}
	from := 0
	if rng := r.Header.Get("Range"); rng != "" {
		if _, err := fmt.Sscanf(rng, "bytes=%d-", &from); err != nil {
			panic(err)
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(text)-1, len(text)))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(text)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	f.mu.Lock()
	breaks := f.breaks > 0
	if breaks {
		f.breaks--
	}
	f.mu.Unlock()
	if breaks {
		_, _ = io.WriteString(w, text[from:from+(len(text)-from)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, text[from:])
}

func (f *fake) bucket(t *testing.T) *Bucket {
	t.Helper()
	if f.page == 0 {
		f.page = 1000
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return New(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	}, false)
}

func key(prefix, account, kind, region, day string, n int) string {
	return fmt.Sprintf("%s%s/%s/%s/%s/%s_%s_%s_%sT0815Z_%016d.json", prefix, account, kind, region, day, account, kind, region, strings.ReplaceAll(day, "/", ""), n)
}

func names(l *logs.Listing) []string {
	l.Once()
	var list []string
	for _, o := range l.Objects {
		list = append(list, strings.TrimPrefix(o.Name, "s3://trail/"))
	}
	return list
}

const (
	one = "111122223333"
	two = "444455556666"
)

func days(from, to string) logs.Days {
	a, _ := time.Parse(time.DateOnly, from)
	b, _ := time.Parse(time.DateOnly, to)
	return logs.DaysOf(a, b)
}

func TestList(t *testing.T) {
	var want []string
	objects := map[string]string{
		"AWSLogs/" + one + "/elasticloadbalancing/us-east-1/2026/11/30/x.log": "", "AWSLogs/" + one + "/CloudTrail-Digest/us-east-1/2026/11/30/d.json.gz": "", "other/things": "",
		"p/AWSLogs/o-abcdef1234/" + one + "/CloudTrail/": "",
	}
	for _, prefix := range []string{"AWSLogs/", "AWSLogs/o-abcdef1234/"} {
		for _, account := range []string{one, two} {
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				for _, day := range []string{"2026/11/27", "2026/11/28", "2026/11/29", "2026/11/30"} {
					k := key(prefix, account, logs.Records, region, day, 1)
					objects[k] = "{}"
					if day != "2026/11/27" {
						want = append(want, k)
					}
				}
			}
		}
	}
	slices.Sort(want)
	f := &fake{objects: objects, page: 2}
	b := f.bucket(t)
	var l logs.Listing
	if err := b.List(t.Context(), "s3://trail", days("2026-11-28", "2026-11-29"), &l); err != nil {
		t.Fatal(err)
	}
	// Records may be delivered up to the day behind the window.
	if got := names(&l); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if l.Objects[0].Size != 2 || !l.Objects[0].Named || l.Objects[0].Key.Account != one {
		t.Errorf("%+v", l.Objects[0])
	}
	for _, r := range f.requests {
		if strings.Contains(r, "elastic") || strings.Contains(r, "Digest") || strings.Contains(r, "11/27") {
			t.Errorf("what is not needed was asked for: %s", r)
		}
	}
}

// TestListPlaces asks for parts of a bucket, without bounds of time.
func TestListPlaces(t *testing.T) {
	a, b := key("AWSLogs/", one, logs.Records, "us-east-1", "2026/11/30", 1), key("AWSLogs/", one, logs.Records, "eu-west-1", "2026/11/29", 1)
	flat := "copies/" + a[strings.LastIndexByte(a, '/')+1:]
	member, root := key("x/AWSLogs/o-abcdef1234/", two, logs.Records, "us-east-1", "2026/11/30", 2), strings.TrimPrefix(flat, "copies/")
	objects := map[string]string{a: "{}", b: "{}", flat: "{}", "copies/note.txt": "", member: "{}", root: "{}"}
	for place, want := range map[string][]string{
		// Another trail, and copies, beside the first one's folder.
		"s3://trail":                {root, b, a, flat, member},
		"s3://trail/x":              {member},
		"s3://trail/AWSLogs":        {b, a},
		"s3://trail/AWSLogs/" + one: {b, a},
		"s3://trail/AWSLogs/" + one + "/CloudTrail/us-east-1/":        {a},
		"s3://trail/AWSLogs/" + one + "/CloudTrail/us-east-1/2026/11": {a},
		"s3://trail/" + a:    {a},
		"s3://trail/copies":  {flat},
		"s3://trail/nothing": nil,
	} {
		var l logs.Listing
		if err := (&fake{objects: objects}).bucket(t).List(t.Context(), place, logs.Days{}, &l); err != nil {
			t.Errorf("%s: %v", place, err)
		}
		if got := names(&l); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", place, got, want)
		}
		if strings.HasSuffix(place, "copies") && l.Skipped.Other != 1 {
			t.Errorf("%s: %+v", place, l.Skipped)
		}
	}
}

func TestListFails(t *testing.T) {
	for place, want := range map[string]string{
		"s3://other/x": "listing s3://other/x/: s3:ListBucket: NoSuchBucket: no such bucket", "s3://": `"s3://" has no bucket name: expected s3://BUCKET/PREFIX`,
	} {
		var l logs.Listing
		if err := (&fake{}).bucket(t).List(t.Context(), place, logs.Days{}, &l); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", place, err, want)
		}
	}
}

// TestTornList: a list that was cut short is never a list of less.
func TestTornList(t *testing.T) {
	for _, reply := range []string{"", "<ListBucketResult>", "<ListBucketResult><Name>trail</Name><Contents><Key>a</Key>", "<ListBucketResult></ListBucketResult>", "<html><body>ok</body></html>", "{}"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, reply) }))
		b := New(aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", "")}, false)
		var l logs.Listing
		if err := b.List(t.Context(), "s3://trail/x", logs.Days{}, &l); err == nil {
			t.Errorf("%q is an empty list", reply)
		}
		server.Close()
	}
}

// object lists the one object of a fake.
func (f *fake) object(t *testing.T) logs.Object {
	t.Helper()
	var l logs.Listing
	if err := f.bucket(t).List(t.Context(), "s3://trail/", logs.Days{}, &l); err != nil || len(l.Objects) != 1 {
		t.Fatal(len(l.Objects), err)
	}
	return l.Objects[0]
}

func (f *fake) read(t *testing.T, o logs.Object) (string, error) {
	t.Helper()
	in, err := o.Open(t.Context())
	if err != nil {
		return "", err
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	return string(data), err
}

func TestRead(t *testing.T) {
	k := key("AWSLogs/", one, logs.Records, "us-east-1", "2026/11/30", 1)
	text := strings.Repeat("0123456789", 10_000)
	for _, tt := range []struct {
		name string
		f    *fake
		err  string
	}{
		{"plain", &fake{}, ""},
		{"another region", &fake{region: "eu-west-1"}, ""},
		{"broken connections", &fake{breaks: resumes}, ""},
		{"too many broken connections", &fake{breaks: resumes + 1}, "unexpected EOF"},
		{"denied", &fake{denied: one}, "s3:GetObject: AccessDenied: User is not authorized to perform: kms:Decrypt on the key (the right kms:Decrypt on the key is missing, or the key cannot be used)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := tt.f
			f.objects = map[string]string{k: text}
			got, err := f.read(t, f.object(t))
			if tt.err == "" && (err != nil || got != text) || tt.err != "" && (err == nil || !strings.HasSuffix(err.Error(), tt.err)) {
				t.Errorf("%d bytes, %v; want %q", len(got), err, tt.err)
			}
		})
	}
}

// TestReplaced: an object that was replaced while it was read is not put together from
// two.
func TestReplaced(t *testing.T) {
	k := key("AWSLogs/", one, logs.Records, "us-east-1", "2026/11/30", 1)
	f := &fake{objects: map[string]string{k: strings.Repeat("x", 100_000)}}
	o := f.object(t)
	f.objects[k] = "y"
	if _, err := f.read(t, o); err == nil || !strings.Contains(err.Error(), "PreconditionFailed") {
		t.Errorf("got %v", err)
	}
}
