package scan

// recordNames are the properties of CloudTrail records in the order in which
// CloudTrail writes them, those that may be left out included: of a record, and
// of its userIdentity. Other messages only take longer to read.
var recordNames = map[string][]string{
	"": {
		"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
		"errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID",
		"readOnly", "resources", "eventType", "apiVersion", "managementEvent", "recipientAccountId", "sharedEventID",
		"serviceEventDetails", "vpcEndpointId", "eventCategory", "tlsDetails", "sessionCredentialFromConsole",
	},
	"userIdentity": {"type", "principalId", "arn", "accountId", "accessKeyId", "userName", "sessionContext", "invokedBy"},
}

// An expectedName is a property of an object that may come next.
type expectedName struct {
	text  string // with quotes and colon
	child int    // its place in names; negative when no selector leads there

	// start are the eight bytes behind the first quote, as far as mask says: a
	// quick comparison for what is more often wrong.
	start, mask uint64
}

// Expected names are compared with the next name of an object as long as no
// more than maxLeftOut are left out before it. With quotes and colon they have at
// most maxExpectedLength bytes.
const (
	maxLeftOut        = 4
	maxExpectedLength = 40
)

// expectRecords tells the root of a trie and its child about records.
func (n *trieNode) expectRecords() {
	n.expect(recordNames[""])
	for _, c := range n.names {
		c.node.expect(recordNames[c.name])
	}
}

// expect sets the expected names, except where a wildcard wants all names.
func (n *trieNode) expect(names []string) {
	if n.any != nil {
		return
	}
	for _, name := range names {
		if len(name)+3 > maxExpectedLength {
			continue
		}
		e := expectedName{text: `"` + name + `":`, child: n.byName.find([]byte(name))}
		behind := e.text[1:]
		for i := range min(8, len(behind)) {
			e.start |= uint64(behind[i]) << (8 * i)
			e.mask |= 0xff << (8 * i)
		}
		n.expected = append(n.expected, e)
	}
}
