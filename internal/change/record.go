package change

// An Object is what a write is about. Which of its fields a kind uses, and for
// what, belongs to the cloud.
type Object struct {
	Kind     string `json:"kind"`
	Region   string `json:"region"`
	LogGroup string `json:"logGroup,omitempty"` // of a metric filter
	Name     string `json:"name"`
	Endpoint string `json:"endpoint,omitempty"` // of a subscription
}

// A State is an object of a cloud at one time, as far as a write concerns it. It
// has parts, and a write leaves alone what its states have no part for. S is the
// state type itself.
type State[S any] interface {
	// Same reports whether two states agree in every part that both have.
	Same(S) bool

	// Over returns other with the parts of the state in place of its own.
	Over(other S) S

	// Only returns the state without the parts that other lacks.
	Only(other S) S

	// Of reports whether the state can be one of the object. Undo must not be
	// led to something else by a journal that was edited.
	Of(Object) bool
}

// A Result is what came of a write.
type Result string

// Results.
const (
	None      Result = ""          // the run ended before it was known
	Done      Result = "done"      //
	Failed    Result = "failed"    // it did not take place
	Uncertain Result = "uncertain" // no answer came
)

// A Record is one write, as a journal keeps it.
type Record[S State[S]] struct {
	Object Object
	Before *S // nil: the object was not there
	After  *S // nil: the object was removed
	Result Result
	ARN    string // of a subscription, if its result has one

	// BeforeUnknown says that Before could not be read; the write cannot be
	// undone then.
	BeforeUnknown bool
}
