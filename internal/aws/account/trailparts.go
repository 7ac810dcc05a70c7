package account

// TrailParts is what stands under the names of a trail that plan may create, and of what
// it needs. Its role is in Account.Roles, a key in Region.Keys.
type TrailParts struct {
	Home string `json:"home"` // region of a new trail

	// Groups is the log group of the wanted name, by region: at home, and where a trail of
	// this account has none.
	Groups map[string]*Read[*TrailGroup] `json:"logGroups,omitempty"`

	Bucket *Read[*Bucket] `json:"bucket,omitempty"`

	// Trails are the trails of this account, by ARN; a nil value says that the trail is
	// gone.
	Trails map[string]*Read[*OwnTrail] `json:"trails,omitempty"`

	// OrganizationAccess reports whether CloudTrail has trusted access to the organization.
	// Read for a trail of an organization.
	OrganizationAccess *Read[bool] `json:"organizationAccess,omitempty"`
}

// A TrailGroup is a log group with what plan must know to create or remove it.
type TrailGroup struct {
	Name      string            `json:"name"`
	ARN       string            `json:"arn"` // without the trailing ":*"
	Class     string            `json:"class,omitempty"`
	KeyID     string            `json:"keyId,omitempty"`
	Retention int32             `json:"retention,omitempty"` // in days; 0 is for ever
	Tags      map[string]string `json:"tags,omitempty"`
	Holds     *Read[bool]       `json:"holds,omitempty"` // it has log streams; read for a removal
}

// A Bucket is a bucket for log files.
type Bucket struct {
	Name string `json:"name"`

	// Foreign means that S3 refused to answer the account: the bucket belongs to another
	// one. Nothing else is known then.
	Foreign bool `json:"foreign,omitempty"`

	Settings BucketSettings    `json:"settings"`
	Tags     map[string]string `json:"tags,omitempty"`
	Holds    *Read[bool]       `json:"holds,omitempty"` // it has objects, or had some that versions keep; read for a removal
}

// BucketSettings are the settings that monitorctl gives a bucket.
type BucketSettings struct {
	BlockPublic bool   `json:"blockPublic"`          // all four switches
	Ownership   string `json:"ownership,omitempty"`  // BucketOwnerEnforced
	Versioning  string `json:"versioning,omitempty"` // Enabled
	Encryption  string `json:"encryption,omitempty"` // AES256, aws:kms
	Policy      string `json:"policy,omitempty"`     // JSON document
}

// An OwnTrail is a trail of this account with all that monitorctl sets.
type OwnTrail struct {
	Name        string            `json:"name"`
	ARN         string            `json:"arn"`
	Bucket      string            `json:"bucket"`
	KeyID       string            `json:"keyId,omitempty"`
	MultiRegion bool              `json:"multiRegion"`
	Global      bool              `json:"globalServiceEvents"`
	Validation  bool              `json:"logFileValidation"`
	Org         bool              `json:"organization,omitempty"`
	Delivery    TrailDelivery     `json:"delivery"`
	Selectors   Selectors         `json:"selectors"`
	Logging     bool              `json:"logging"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// A TrailDelivery is where a trail delivers events to; both are empty or none is.
type TrailDelivery struct {
	LogGroupARN string `json:"logGroupArn,omitempty"` // ending in ":*"
	RoleARN     string `json:"roleArn,omitempty"`
}

// AllManagement are the selectors of a trail that records every management event.
func AllManagement() Selectors {
	return Selectors{Basic: []EventSelector{{ManagementEvents: true, ReadWriteType: "All"}}}
}
