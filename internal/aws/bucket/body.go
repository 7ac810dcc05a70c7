package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// resumes is how often reading an object is taken up again after the connection broke.
const resumes = 3

// A body reads one object from its beginning. A connection that breaks is replaced by
// another one, which goes on at the same place of the same version.
type body struct {
	bucket    *Bucket
	ctx       context.Context //nolint:containedctx // of the call that opened the object
	name, key string
	etag      string
	in        io.ReadCloser
	at        int64
	resumed   int
}

// open asks for the object from the present place on.
func (r *body) open() error {
	in := &s3.GetObjectInput{Bucket: &r.name, Key: &r.key, RequestPayer: r.bucket.payer}
	if r.etag != "" {
		in.IfMatch = &r.etag
	}
	if r.at > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", r.at))
	}
	out, err := r.bucket.client.GetObject(r.ctx, in, r.bucket.at(r.name))
	if r.bucket.elsewhere(r.name, err) {
		out, err = r.bucket.client.GetObject(r.ctx, in, r.bucket.at(r.name))
	}
	if err != nil {
		return explain("s3:GetObject", err)
	}
	if r.at > 0 && aws.ToString(out.ContentRange) == "" {
		return errors.Join(errors.New("s3:GetObject: the answer is not the part that was asked for"), out.Body.Close())
	}
	r.in = out.Body
	return nil
}

// Read reads on.
func (r *body) Read(p []byte) (int, error) {
	for {
		n, err := r.in.Read(p)
		r.at += int64(n)
		if err == nil || errors.Is(err, io.EOF) || r.ctx.Err() != nil || r.resumed == resumes {
			return n, err
		}
		r.resumed++
		_ = r.in.Close() // it is broken
		if err := r.open(); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// Close ends the connection.
func (r *body) Close() error { return r.in.Close() }
