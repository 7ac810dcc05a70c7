package eventpattern

// The length of a pattern in characters. A quota of the account, which AWS
// raises on request, stands between the two: the page "Amazon EventBridge
// quotas" gives the first and names the second as the most.
const (
	DefaultLength = 2048
	MaxLength     = 4096
)

// Bounds of this package. They keep the work on hostile input small; the
// service has bounds of its own that it does not publish.
const (
	// MaxBranches is how many combinations of $or alternatives a pattern may
	// have.
	MaxBranches = 1000

	// MaxDepth is how deep objects and arrays may nest, in patterns and events.
	// It is what the JSON reader of AWS's engine allows.
	MaxDepth = 1000

	// maxSteps is how many leaves are tried for one pattern and one event until
	// the verdict is Undetermined. Events without repeated names come nowhere near.
	maxSteps = 1 << 16
)

// Above these the service may refuse what the engine takes.
const (
	sureWildcards = 4   // asterisks in one wildcard
	sureBranches  = 100 // combinations of $or
)
