package report

// The structs below are the part of the AWS Security Finding Format that is
// written, under the names of its JSON.
type (
	asffRequest struct {
		Findings []asffFinding `json:"Findings"`
	}

	asffFinding struct {
		SchemaVersion  string            `json:"SchemaVersion"`
		ID             string            `json:"Id"`
		ProductARN     string            `json:"ProductArn"`
		ProductName    string            `json:"ProductName"`
		CompanyName    string            `json:"CompanyName"`
		GeneratorID    string            `json:"GeneratorId"`
		AccountID      string            `json:"AwsAccountId"`
		AccountName    string            `json:"AwsAccountName,omitempty"`
		CreatedAt      string            `json:"CreatedAt"`
		UpdatedAt      string            `json:"UpdatedAt"`
		LastObservedAt string            `json:"LastObservedAt"`
		Title          string            `json:"Title"`
		Description    string            `json:"Description"`
		Provider       asffProvider      `json:"FindingProviderFields"`
		Remediation    *asffRemediation  `json:"Remediation,omitempty"`
		Compliance     asffCompliance    `json:"Compliance"`
		Workflow       asffWorkflow      `json:"Workflow"`
		RecordState    string            `json:"RecordState"`
		Note           *asffNote         `json:"Note,omitempty"`
		Resources      []asffResource    `json:"Resources"`
		Fields         map[string]string `json:"ProductFields"`
	}

	// Security Hub takes severity and types of others from here.
	asffProvider struct {
		Severity asffSeverity `json:"Severity"`
		Types    []string     `json:"Types"`
	}

	asffSeverity struct {
		Label    string `json:"Label"`
		Original string `json:"Original"`
	}

	asffRemediation struct {
		Recommendation asffRecommendation `json:"Recommendation"`
	}

	asffRecommendation struct {
		Text string `json:"Text"`
	}

	asffCompliance struct {
		Status       string             `json:"Status"`
		Requirements []string           `json:"RelatedRequirements,omitempty"`
		Reasons      []asffStatusReason `json:"StatusReasons,omitempty"`
	}

	asffStatusReason struct {
		Code        string `json:"ReasonCode"`
		Description string `json:"Description,omitempty"`
	}

	asffWorkflow struct {
		Status string `json:"Status"`
	}

	asffNote struct {
		Text      string `json:"Text"`
		UpdatedBy string `json:"UpdatedBy"`
		UpdatedAt string `json:"UpdatedAt"`
	}

	asffResource struct {
		Type      string `json:"Type"`
		ID        string `json:"Id"`
		Partition string `json:"Partition"`
		Region    string `json:"Region"`
	}
)
