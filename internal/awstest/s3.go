package awstest

import (
	"bytes"
	"crypto/md5" //nolint:gosec // S3's ETag is one
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// s3Service is Amazon S3 as far as log files are listed and read, and a bucket for them is
// made (s3_buckets.go), API 2006-03-01. Names of buckets stand in the path.
var s3Service = &service{
	name: "s3", iam: "s3", errors: queryFamily.with(family{unknownKey: {Code: "InvalidAccessKeyId"}, unknownOperation: {Code: "NotImplemented", Status: 501}}),
	ops: map[string]handler{
		"ListObjectsV2": reads(listObjects),
		"GetObject":     reads(getObject),

		"HeadBucket":                 reads(headBucket),
		"ListObjectVersions":         reads(listObjectVersions),
		"GetBucketTagging":           reads(getBucketTagging),
		"GetPublicAccessBlock":       reads(getPublicAccessBlock),
		"GetBucketOwnershipControls": reads(getOwnershipControls),
		"GetBucketVersioning":        reads(getVersioning),
		"GetBucketEncryption":        reads(getEncryption),
		"GetBucketPolicy":            reads(getBucketPolicy),
		"CreateBucket":               writes(createBucket),
		"DeleteBucket":               writes(deleteBucket),
		"PutBucketTagging":           writes(putBucketTagging),
		"PutPublicAccessBlock":       writes(putPublicAccessBlock),
		"PutBucketOwnershipControls": writes(putOwnershipControls),
		"PutBucketVersioning":        writes(putVersioning),
		"PutBucketEncryption":        writes(putEncryption),
		"PutBucketPolicy":            writes(putBucketPolicy),
	},
}

// An s3Bucket is one of S3's.
type s3Bucket struct {
	region  string
	objects map[string][]byte
	key     string // ARN of the KMS key that encrypts the objects, "" for none

	settings bucketSettings
}

// Bucket makes a bucket with objects in the region. They are encrypted with the key of an
// ARN, if there is one.
func (r *Region) Bucket(name, key string, objects map[string][]byte) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	if r.account.buckets == nil {
		r.account.buckets = map[string]*s3Bucket{}
	}
	r.account.buckets[name] = &s3Bucket{region: r.name, objects: maps.Clone(objects), key: key, settings: newBucketSettings()}
}

// ListObjectsInput is the input of s3:ListObjectsV2.
type ListObjectsInput struct {
	Bucket, Prefix, Delimiter, ContinuationToken string
}

// ListObjectsOutput is its output.
type ListObjectsOutput struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name, Prefix          string
	KeyCount, MaxKeys     int
	IsTruncated           bool
	NextContinuationToken string         `xml:",omitempty"`
	Contents              []objectEntry  `xml:"Contents"`
	CommonPrefixes        []commonPrefix `xml:"CommonPrefixes"`
}

type objectEntry struct {
	Key, ETag string
	Size      int
}

type commonPrefix struct{ Prefix string }

// bucket returns a bucket of the caller's account, in whose region the request must be.
func (c *call) bucket(name string) (*s3Bucket, error) {
	b := c.account.buckets[name]
	switch {
	case b == nil && c.ownerOfBucket(name) != nil:
		return nil, errorWithStatus(403, "AccessDenied", "Access Denied")
	case b == nil:
		return nil, errorWithStatus(404, "NoSuchBucket", "The specified bucket does not exist")
	case b.region != c.region.name:
		return nil, errorWithStatus(301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.")
	}
	return b, nil
}

func listObjects(c *call, in *ListObjectsInput) (*ListObjectsOutput, error) {
	b, err := c.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	most := 1000
	if n := c.opts.PageSize; n > 0 {
		most = n
	}
	out := &ListObjectsOutput{Name: in.Bucket, Prefix: in.Prefix, MaxKeys: most}
	last := ""
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		rest, ok := strings.CutPrefix(key, in.Prefix)
		folder, _, deep := strings.Cut(rest, in.Delimiter)
		folder = in.Prefix + folder + in.Delimiter
		deep = deep && in.Delimiter != ""
		switch {
		case !ok || key <= in.ContinuationToken || deep && (folder == last || strings.HasPrefix(in.ContinuationToken, folder)):
			continue
		case out.KeyCount == most:
			out.IsTruncated = true
			return out, nil
		case deep:
			last = folder
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{folder})
		default:
			out.Contents = append(out.Contents, objectEntry{Key: key, ETag: etag(b.objects[key]), Size: len(b.objects[key])})
		}
		out.KeyCount++
		out.NextContinuationToken = key
	}
	out.NextContinuationToken = ""
	return out, nil
}

func etag(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // likewise
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// GetObjectInput is the input of s3:GetObject.
type GetObjectInput struct{ Bucket, Key string }

// GetObjectOutput is its output: what is on the wire.
type GetObjectOutput struct{ Body []byte }

func getObject(c *call, in *GetObjectInput) (*GetObjectOutput, error) {
	b, err := c.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	data, ok := b.objects[in.Key]
	switch {
	case !ok:
		return nil, errorWithStatus(404, "NoSuchKey", "The specified key does not exist.")
	case b.key != "" && !c.allows("kms:Decrypt"):
		return nil, errorWithStatus(403, "AccessDenied", "User: %s is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no identity-based policy allows the kms:Decrypt action", c.by.arn)
	}
	return &GetObjectOutput{data}, nil
}

// An s3Protocol is the form of S3's requests: operation, bucket and key in method and
// path, XML in replies.
type s3Protocol struct {
	bucket, key string
	query       url.Values
	owner       string // that the caller expects, "" for any
	body        []byte
	head        bool // the reply has no body
}

// subresources are the operations on a part of a bucket's settings, by the parameter that
// names the part: of GET and of PUT.
var subresources = map[string][2]string{
	"tagging":           {"GetBucketTagging", "PutBucketTagging"},
	"publicAccessBlock": {"GetPublicAccessBlock", "PutPublicAccessBlock"},
	"ownershipControls": {"GetBucketOwnershipControls", "PutBucketOwnershipControls"},
	"versioning":        {"GetBucketVersioning", "PutBucketVersioning"},
	"encryption":        {"GetBucketEncryption", "PutBucketEncryption"},
	"policy":            {"GetBucketPolicy", "PutBucketPolicy"},
	"versions":          {"ListObjectVersions", "unknown"},
}

// identifyS3 finds the operation of a request to S3.
func identifyS3(r *http.Request, body []byte) *request {
	p := &s3Protocol{query: r.URL.Query(), owner: r.Header.Get("X-Amz-Expected-Bucket-Owner"), body: body, head: r.Method == http.MethodHead}
	p.bucket, p.key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return &request{svc: s3Service, op: p.operation(r.Method), proto: p}
}

func (p *s3Protocol) operation(method string) string {
	if p.key != "" {
		if method == http.MethodGet {
			return "GetObject"
		}
		return "unknown"
	}
	for parameter, ops := range subresources {
		switch {
		case !p.query.Has(parameter):
		case method == http.MethodGet:
			return ops[0]
		case method == http.MethodPut:
			return ops[1]
		default:
			return "unknown"
		}
	}
	switch {
	case method == http.MethodGet && p.query.Get("list-type") == "2":
		return "ListObjectsV2"
	case method == http.MethodHead:
		return "HeadBucket"
	case method == http.MethodPut:
		return "CreateBucket"
	case method == http.MethodDelete:
		return "DeleteBucket"
	}
	return "unknown"
}

func (p *s3Protocol) decode(in any) error {
	switch in := in.(type) {
	case *ListObjectsInput:
		*in = ListObjectsInput{p.bucket, p.query.Get("prefix"), p.query.Get("delimiter"), p.query.Get("continuation-token")}
	case *GetObjectInput:
		*in = GetObjectInput{p.bucket, p.key}
	case bucketInput:
		in.at(bucketName{p.bucket, p.owner})
		return p.decodeBody(in)
	default:
		return fmt.Errorf("an input of the type %T", in)
	}
	return nil
}

func (p *s3Protocol) reply(req *request, out any) (reply, error) {
	if object, ok := out.(*GetObjectOutput); ok {
		h := req.header("application/octet-stream")
		h.Set("ETag", etag(object.Body))
		h.Set("Content-Length", strconv.Itoa(len(object.Body)))
		return reply{status: 200, header: h, body: object.Body}, nil
	}
	if document, ok := out.(*bucketPolicy); ok {
		return reply{status: 200, header: req.header("application/json"), body: []byte(document.Policy)}, nil
	}
	if _, ok := out.(*none); ok {
		return reply{status: 200, header: req.header("application/xml")}, nil
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	err := xml.NewEncoder(&b).Encode(out)
	return reply{status: 200, header: req.header("application/xml"), body: b.Bytes()}, err
}

func (p *s3Protocol) fail(req *request, err *APIError) reply {
	body := fmt.Sprintf("%s<Error><Code>%s</Code><Message>%s</Message><RequestId>%s</RequestId></Error>", xml.Header, escape(err.Code), escape(err.Message), req.id)
	h := req.header("application/xml")
	if b := p.bucketOf(req); err.Status == 301 && b != nil {
		h.Set("X-Amz-Bucket-Region", b.region)
	}
	if p.head { // an error without a body
		return reply{status: err.Status, header: h}
	}
	return reply{status: err.Status, header: h, body: []byte(body)}
}
