package pattern

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

// maxExpected is how many expected names a record may leave out in a row
// without being read in the slower way.
const maxExpected = 4

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
		e := expectedName{text: `"` + name + `":`, child: n.byName.find([]byte(name))}
		behind := e.text[1:]
		for i := range min(8, len(behind)) {
			e.start |= uint64(behind[i]) << (8 * i)
			e.mask |= 0xff << (8 * i)
		}
		n.expected = append(n.expected, e)
	}
}

// comesNext finds the name of a property that begins at i, without blanks
// around the colon, among the expected names from turn on. It returns its place
// there, -1 when it is another name.
func (n *trieNode) comesNext(data []byte, i, turn int) int {
	if i < 0 || i >= len(data)-8 {
		return -1
	}
	start := load8(data, i+1)
	for end := min(turn+maxExpected, len(n.expected)); turn < end; turn++ {
		e := &n.expected[turn]
		if start&e.mask == e.start && len(data)-i >= len(e.text) && string(data[i:i+len(e.text)]) == e.text {
			return turn
		}
	}
	return -1
}
