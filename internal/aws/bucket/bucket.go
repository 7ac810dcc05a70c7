// Package bucket reads CloudTrail's log files from S3.
//
// A bucket may hold more than a trail's files, so that it is not listed as a whole
// where the folders tell what is in them: below AWSLogs/ only the accounts, their
// CloudTrail/ folder and the regions are looked at, and of each region only the days
// asked for. What is beside an AWSLogs/ folder is looked through likewise: another trail may
// be there. A place without an AWSLogs/ folder is listed as it is. The rights needed
// are s3:ListBucket and s3:GetObject, and kms:Decrypt where the files are encrypted with
// a key of the account's.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/logs"
)

// API is the part of S3 that this package calls.
type API interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

var _ API = (*s3.Client)(nil)

// Scheme begins the name of a place in S3: s3://BUCKET/PREFIX.
const Scheme = "s3://"

// listers is how many lists are asked for at once.
const listers = 16

// A Bucket lists and reads objects. It is safe for use by several goroutines.
type Bucket struct {
	client API
	payer  types.RequestPayer

	mu     sync.Mutex
	region map[string]string // of each bucket that is not in the client's
}

// New returns a reader with the credentials and the region of cfg. Pays says that the
// caller pays for the requests, as some buckets demand.
func New(cfg aws.Config, pays bool) *Bucket {
	b := &Bucket{region: map[string]string{}, client: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = cfg.BaseEndpoint != nil // an endpoint that is not AWS has no name for each bucket
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})}
	if pays {
		b.payer = types.RequestPayerRequester
	}
	return b
}

// Split takes s3://BUCKET/PREFIX apart. The prefix is that of a folder, with a slash
// behind it, or of log files; "" for the whole bucket.
func Split(place string) (name, prefix string, err error) {
	name, prefix, _ = strings.Cut(strings.TrimPrefix(place, Scheme), "/")
	if !strings.HasPrefix(place, Scheme) || name == "" || strings.ContainsAny(name, " ?#") {
		return "", "", fmt.Errorf("%q has no bucket name: expected s3://BUCKET/PREFIX", place)
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") && !strings.Contains(prefix[strings.LastIndexByte(prefix, '/')+1:], ".json") {
		prefix += "/"
	}
	return name, prefix, nil
}

// List adds the log files of a place to a listing.
func (b *Bucket) List(ctx context.Context, place string, days logs.Days, l *logs.Listing) error {
	name, prefix, err := Split(place)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(listers)
	w := walker{Bucket: b, name: name, days: days, l: l, g: g}
	if err := w.descend(ctx, prefix); err != nil {
		_ = g.Wait() // of the error of its own
		return err
	}
	return g.Wait()
}

// A walker goes through the folders of one place.
type walker struct {
	*Bucket
	name string
	days logs.Days
	g    *errgroup.Group

	mu sync.Mutex
	l  *logs.Listing
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	orgID     = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
)

// descend looks into a folder for the trail's files. It goes from folder to folder
// itself; the lists of the files run beside it.
func (w *walker) descend(ctx context.Context, prefix string) error {
	parts := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	below := -1 // how many folders below the last AWSLogs, the organization left out
	for i, p := range parts {
		if p == "AWSLogs" {
			below = len(parts) - 1 - i
			if below > 0 && orgID.MatchString(parts[i+1]) {
				below--
			}
		}
	}
	var wanted func(folder string) bool
	switch below {
	case -1:
		wanted = func(folder string) bool { return folder == "AWSLogs" }
	case 0:
		wanted = func(folder string) bool { return accountID.MatchString(folder) || orgID.MatchString(folder) }
	case 1:
		wanted = func(folder string) bool { return folder == logs.Records }
	case 2:
		wanted = func(string) bool { return true }
	case 3:
		w.listDays(ctx, prefix)
		return nil
	default:
		w.listAll(ctx, prefix)
		return nil
	}
	folders, objects, err := w.folders(ctx, prefix)
	if err != nil {
		return err
	}
	is := func(folder string) bool {
		return wanted(strings.TrimSuffix(strings.TrimPrefix(folder, prefix), "/"))
	}
	if below < 0 {
		if !slices.ContainsFunc(folders, is) {
			w.listAll(ctx, prefix)
			return nil
		}
		// Other trails may be beside this one, in folders of their own.
		w.add(objects)
		is = func(string) bool { return true }
	}
	for _, folder := range folders {
		if folder != prefix && is(folder) {
			if err := w.descend(ctx, folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// folders lists the folders right below a prefix, and the objects.
func (w *walker) folders(ctx context.Context, prefix string) (list []string, objects []types.Object, err error) {
	err = w.pages(ctx, prefix, "/", func(out *s3.ListObjectsV2Output) {
		for _, p := range out.CommonPrefixes {
			list = append(list, aws.ToString(p.Prefix))
		}
		objects = append(objects, out.Contents...)
	})
	return list, objects, err
}

// add adds objects to the listing.
func (w *walker) add(objects []types.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range objects {
		if key := aws.ToString(objects[i].Key); !strings.HasSuffix(key, "/") {
			w.l.Add(w.object(&objects[i], key), w.days)
		}
	}
}

// listDays lists the files of a region, those of each day by itself where the days are
// known.
func (w *walker) listDays(ctx context.Context, prefix string) {
	if w.days.From.IsZero() || w.days.To.IsZero() {
		w.listAll(ctx, prefix)
		return
	}
	for day := w.days.From; day.Before(w.days.To); day = day.Add(24 * time.Hour) {
		w.listAll(ctx, prefix+day.Format("2006/01/02/"))
	}
}

// listAll lists all files below a prefix, beside what else is going on.
func (w *walker) listAll(ctx context.Context, prefix string) {
	w.g.Go(func() error {
		return w.pages(ctx, prefix, "", func(out *s3.ListObjectsV2Output) { w.add(out.Contents) })
	})
}

// pages asks for a list, page after page.
func (w *walker) pages(ctx context.Context, prefix, delimiter string, take func(*s3.ListObjectsV2Output)) error {
	in := &s3.ListObjectsV2Input{Bucket: &w.name, Prefix: &prefix, RequestPayer: w.payer}
	if delimiter != "" {
		in.Delimiter = &delimiter
	}
	for {
		out, err := w.list(ctx, in)
		if err != nil {
			return fmt.Errorf("listing %s%s/%s: %w", Scheme, w.name, prefix, explain("s3:ListBucket", err))
		}
		if out.Name == nil {
			// A reply that was cut short may look like an empty list.
			return fmt.Errorf("listing %s%s/%s: the answer is not a list", Scheme, w.name, prefix)
		}
		take(out)
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		if next := aws.ToString(out.NextContinuationToken); next == "" || next == aws.ToString(in.ContinuationToken) {
			return fmt.Errorf("listing %s%s/%s: the list does not end", Scheme, w.name, prefix)
		}
		in.ContinuationToken = out.NextContinuationToken
	}
}

// list asks for a page, in the region that the bucket turns out to be in.
func (b *Bucket) list(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	out, err := b.client.ListObjectsV2(ctx, in, b.at(*in.Bucket))
	if b.elsewhere(*in.Bucket, err) {
		out, err = b.client.ListObjectsV2(ctx, in, b.at(*in.Bucket))
	}
	return out, err
}

// at sets the region of a bucket, where it is known to be another than the client's.
func (b *Bucket) at(name string) func(*s3.Options) {
	b.mu.Lock()
	defer b.mu.Unlock()
	region := b.region[name]
	return func(o *s3.Options) {
		if region != "" {
			o.Region = region
		}
	}
}

// elsewhere reports whether an error says that a bucket is in another region, which is
// asked from then on. S3 names it in the answer, so that no further right is needed.
func (b *Bucket) elsewhere(name string, err error) bool {
	var reply *smithyhttp.ResponseError
	if !errors.As(err, &reply) || reply.Response == nil {
		return false
	}
	region := reply.Response.Header.Get("X-Amz-Bucket-Region")
	b.mu.Lock()
	defer b.mu.Unlock()
	if region == "" || region == b.region[name] {
		return false
	}
	switch reply.HTTPStatusCode() {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest:
		b.region[name] = region
		return true
	}
	return false
}

// explain says in one line what kept a call from an answer.
func explain(action string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	text := fmt.Sprintf("%s: %s", action, api.ErrorCode())
	if msg := api.ErrorMessage(); msg != "" {
		text += ": " + msg
	}
	if strings.Contains(api.ErrorMessage(), "kms:") || strings.HasPrefix(api.ErrorCode(), "KMS.") {
		text += " (the right kms:Decrypt on the key is missing, or the key cannot be used)"
	}
	return &answerError{text, err}
}

// An answerError is S3's answer in one line.
type answerError struct {
	text string
	err  error
}

func (e *answerError) Error() string { return e.text }

func (e *answerError) Unwrap() error { return e.err }

// object is a file of a bucket.
func (w *walker) object(o *types.Object, key string) logs.Object {
	etag := aws.ToString(o.ETag)
	return logs.Object{
		Name: Scheme + w.name + "/" + key, Size: aws.ToInt64(o.Size),
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			r := &body{bucket: w.Bucket, ctx: ctx, name: w.name, key: key, etag: etag}
			if err := r.open(); err != nil {
				return nil, err
			}
			return r, nil
		},
	}
}
