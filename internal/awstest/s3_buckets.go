package awstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"time"
)

// bucketSettings are the settings of a bucket. Those that S3 gives a new bucket are of
// newBucketSettings.
type bucketSettings struct {
	block      publicAccess
	ownership  string // BucketOwnerEnforced, ...
	versioning string // "", Enabled, Suspended
	encryption string // AES256, aws:kms
	policy     string // "" for none
	tags       map[string]string
	changed    time.Time // of the policy
}

// newBucketSettings are those of a new bucket. Source: S3 user guide, "Default settings
// for new S3 buckets" (since April 2023).
func newBucketSettings() bucketSettings {
	return bucketSettings{block: publicAccess{true, true, true, true}, ownership: "BucketOwnerEnforced", encryption: "AES256"}
}

// SetBucket changes settings of a bucket as its owner would; "" leaves one as it is. With
// open, public access is not blocked.
func (r *Region) SetBucket(name, policy, versioning string, open bool, tags map[string]string) error {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	b := r.account.buckets[name]
	if b == nil {
		return fmt.Errorf("changing bucket %s: there is none", name)
	}
	if policy != "" {
		b.settings.policy = policy
	}
	if versioning != "" {
		b.settings.versioning = versioning
	}
	if open {
		b.settings.block = publicAccess{}
	}
	if tags != nil {
		b.settings.tags = maps.Clone(tags)
	}
	return nil
}

// bucketName says which bucket a request is about.
type bucketName struct {
	Bucket string
	owner  string // expected; "" for any
}

func (n *bucketName) at(name bucketName) { *n = name }

// A bucketInput is the input of an operation on a bucket.
type bucketInput interface{ at(bucketName) }

// A rawInput takes the body of a request that is not XML.
type rawInput interface{ raw(body []byte) }

// decodeBody reads what stands in the body of a request.
func (p *s3Protocol) decodeBody(in any) error {
	if raw, ok := in.(rawInput); ok {
		raw.raw(p.body)
		return nil
	}
	if len(p.body) == 0 {
		return nil
	}
	return xml.Unmarshal(p.body, in)
}

// bucketOf is the bucket of the caller's account that a request names.
func (p *s3Protocol) bucketOf(req *request) *s3Bucket {
	if req.principal.account == nil {
		return nil
	}
	return req.principal.account.buckets[p.bucket]
}

// ownerOfBucket finds the account that has a bucket of that name: names belong to all of
// AWS.
func (c *Cloud) ownerOfBucket(name string) *Account {
	for _, a := range c.accounts {
		if a.buckets[name] != nil {
			return a
		}
	}
	return nil
}

// owned finds a bucket whose owner is as expected.
func (c *call) owned(n bucketName) (*s3Bucket, error) {
	if owner := c.ownerOfBucket(n.Bucket); n.owner != "" && owner != nil && owner.id != n.owner {
		return nil, errorWithStatus(403, "AccessDenied", "Access Denied")
	}
	return c.bucket(n.Bucket)
}

type headBucketInput struct{ bucketName }

func headBucket(c *call, in *headBucketInput) (*none, error) {
	_, err := c.owned(in.bucketName)
	return &none{}, err
}

type createBucketInput struct {
	bucketName
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	LocationConstraint string
	Tags               []Tag `xml:"Tags>Tag"`
}

// createBucket makes a bucket. In us-east-1 it answers with success for a bucket that is
// the caller's already. Source: S3 API reference, CreateBucket.
func createBucket(c *call, in *createBucketInput) (*none, error) {
	where := in.LocationConstraint
	if where == "" {
		where = "us-east-1"
	}
	switch owner := c.ownerOfBucket(in.Bucket); {
	case where != c.region.name:
		return nil, errorWithStatus(400, "IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", where)
	case owner == c.account && where == "us-east-1":
		return &none{}, nil
	case owner == c.account:
		return nil, errorWithStatus(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
	case owner != nil:
		return nil, errorWithStatus(409, "BucketAlreadyExists", "The requested bucket name is not available.")
	case len(in.Tags) > 0 && !c.allows("s3:TagResource"):
		return nil, errorWithStatus(403, "AccessDenied", "User: %s is not authorized to perform: s3:TagResource", c.by.arn)
	}
	if c.account.buckets == nil {
		c.account.buckets = map[string]*s3Bucket{}
	}
	b := &s3Bucket{region: c.region.name, objects: map[string][]byte{}, settings: newBucketSettings()}
	b.settings.tags = tagMap(in.Tags)
	c.account.buckets[in.Bucket] = b
	return &none{}, nil
}

type deleteBucketInput struct{ bucketName }

func deleteBucket(c *call, in *deleteBucketInput) (*none, error) {
	b, err := c.owned(in.bucketName)
	switch {
	case err != nil:
		return nil, err
	case len(b.objects) > 0:
		return nil, errorWithStatus(409, "BucketNotEmpty", "The bucket you tried to delete is not empty. You must delete all versions in the bucket.")
	}
	delete(c.account.buckets, in.Bucket)
	return &none{}, nil
}

type versionsInput struct{ bucketName }

type versionsOutput struct {
	XMLName     xml.Name `xml:"ListVersionsResult"`
	Name        string
	MaxKeys     int
	IsTruncated bool
	Version     []objectVersion
}

type objectVersion struct {
	Key       string
	VersionID string `xml:"VersionId"`
	ETag      string
}

// listObjectVersions lists the first objects: nobody needs more than to know whether there
// are any.
func listObjectVersions(c *call, in *versionsInput) (*versionsOutput, error) {
	b, err := c.owned(in.bucketName)
	if err != nil {
		return nil, err
	}
	out := &versionsOutput{Name: in.Bucket, MaxKeys: 1000}
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		out.Version = append(out.Version, objectVersion{key, "null", etag(b.objects[key])})
	}
	return out, nil
}

// change replaces a bucket with one that has other settings.
func (c *call) change(n bucketName, set func(*bucketSettings)) (*none, error) {
	old, err := c.owned(n)
	if err != nil {
		return nil, err
	}
	b := *old
	set(&b.settings)
	c.account.buckets[n.Bucket] = &b
	return &none{}, nil
}

type taggingInput struct {
	bucketName
	XMLName xml.Name `xml:"Tagging"`
	TagSet  []Tag    `xml:"TagSet>Tag"`
}

type taggingOutput struct {
	XMLName xml.Name `xml:"Tagging"`
	TagSet  []Tag    `xml:"TagSet>Tag"`
}

type onlyBucket struct{ bucketName }

func getBucketTagging(c *call, in *onlyBucket) (*taggingOutput, error) {
	b, err := c.owned(in.bucketName)
	switch {
	case err != nil:
		return nil, err
	case len(b.settings.tags) == 0:
		return nil, errorWithStatus(404, "NoSuchTagSet", "The TagSet does not exist")
	}
	return &taggingOutput{TagSet: tagList(b.settings.tags)}, nil
}

func putBucketTagging(c *call, in *taggingInput) (*none, error) {
	return c.change(in.bucketName, func(s *bucketSettings) { s.tags = tagMap(in.TagSet) })
}

// publicAccess are the four switches of the public access block.
type publicAccess struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

type publicAccessInput struct {
	bucketName
	XMLName xml.Name `xml:"PublicAccessBlockConfiguration"`
	publicAccess
}

type publicAccessOutput struct {
	XMLName xml.Name `xml:"PublicAccessBlockConfiguration"`
	publicAccess
}

func getPublicAccessBlock(c *call, in *onlyBucket) (*publicAccessOutput, error) {
	b, err := c.owned(in.bucketName)
	switch {
	case err != nil:
		return nil, err
	case b.settings.block == publicAccess{}:
		return nil, errorWithStatus(404, "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
	}
	return &publicAccessOutput{publicAccess: b.settings.block}, nil
}

func putPublicAccessBlock(c *call, in *publicAccessInput) (*none, error) {
	return c.change(in.bucketName, func(s *bucketSettings) { s.block = in.publicAccess })
}

type ownershipInput struct {
	bucketName
	XMLName   xml.Name `xml:"OwnershipControls"`
	Ownership string   `xml:"Rule>ObjectOwnership"`
}

type ownershipOutput struct {
	XMLName   xml.Name `xml:"OwnershipControls"`
	Ownership string   `xml:"Rule>ObjectOwnership"`
}

func getOwnershipControls(c *call, in *onlyBucket) (*ownershipOutput, error) {
	b, err := c.owned(in.bucketName)
	switch {
	case err != nil:
		return nil, err
	case b.settings.ownership == "":
		return nil, errorWithStatus(404, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")
	}
	return &ownershipOutput{Ownership: b.settings.ownership}, nil
}

func putOwnershipControls(c *call, in *ownershipInput) (*none, error) {
	return c.change(in.bucketName, func(s *bucketSettings) { s.ownership = in.Ownership })
}

type versioningInput struct {
	bucketName
	XMLName xml.Name `xml:"VersioningConfiguration"`
	Status  string
}

type versioningOutput struct {
	XMLName xml.Name `xml:"VersioningConfiguration"`
	Status  string   `xml:",omitempty"`
}

func getVersioning(c *call, in *onlyBucket) (*versioningOutput, error) {
	b, err := c.owned(in.bucketName)
	if err != nil {
		return nil, err
	}
	return &versioningOutput{Status: b.settings.versioning}, nil
}

func putVersioning(c *call, in *versioningInput) (*none, error) {
	return c.change(in.bucketName, func(s *bucketSettings) { s.versioning = in.Status })
}

type encryptionInput struct {
	bucketName
	XMLName   xml.Name `xml:"ServerSideEncryptionConfiguration"`
	Algorithm string   `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
}

type encryptionOutput struct {
	XMLName   xml.Name `xml:"ServerSideEncryptionConfiguration"`
	Algorithm string   `xml:"Rule>ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
}

func getEncryption(c *call, in *onlyBucket) (*encryptionOutput, error) {
	b, err := c.owned(in.bucketName)
	if err != nil {
		return nil, err
	}
	return &encryptionOutput{Algorithm: b.settings.encryption}, nil
}

func putEncryption(c *call, in *encryptionInput) (*none, error) {
	return c.change(in.bucketName, func(s *bucketSettings) { s.encryption = in.Algorithm })
}

type bucketPolicy struct{ Policy string }

type bucketPolicyInput struct {
	bucketName
	Policy string
}

func (in *bucketPolicyInput) raw(body []byte) { in.Policy = string(body) }

func getBucketPolicy(c *call, in *onlyBucket) (*bucketPolicy, error) {
	b, err := c.owned(in.bucketName)
	switch {
	case err != nil:
		return nil, err
	case b.settings.policy == "":
		return nil, errorWithStatus(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
	}
	return &bucketPolicy{b.settings.policy}, nil
}

func putBucketPolicy(c *call, in *bucketPolicyInput) (*none, error) {
	if _, err := parsePolicy(in.Policy); err != nil || !json.Valid([]byte(in.Policy)) {
		return nil, errorWithStatus(400, "MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
	}
	return c.change(in.bucketName, func(s *bucketSettings) { s.policy, s.changed = in.Policy, c.now })
}
