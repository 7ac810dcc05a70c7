package collect

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A document is what the reply of a call holds at its top: the members of the
// operation's output by their names on the wire. Those without a value (null) are
// left out.
type document map[string]bool

// errTwice is the error of a document that says the same thing twice: which of
// the two is true cannot be known.
func errTwice(name string) error { return fmt.Errorf("it has %q twice", name) }

var errBehind = errors.New("there is something behind its end")

// jsonDocument reads a whole JSON document. An empty one has no members: so AWS
// answers operations without an output.
func jsonDocument(body []byte) (document, error) {
	doc := document{}
	if len(bytes.TrimSpace(body)) == 0 {
		return doc, nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	w := jsonWalk{dec: dec}
	t, err := dec.Token()
	switch {
	case err != nil:
		return nil, err
	case t != json.Delim('{'):
		return nil, errors.New("it is not a JSON object")
	}
	if err := w.object(doc, 0); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errBehind
	}
	return doc, nil
}

// maxNesting bounds the depth of a reply; AWS's go some ten levels deep.
const maxNesting = 200

var errNesting = errors.New("it is nested too deep")

type jsonWalk struct{ dec *json.Decoder }

// object reads the members of an object up to its end, and notes those that have
// a value in doc, which may be nil.
func (w jsonWalk) object(doc document, depth int) error {
	seen := map[string]bool{}
	for w.dec.More() {
		t, err := w.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if seen[key] {
			return errTwice(key)
		}
		seen[key] = true
		null, err := w.value(depth + 1)
		if err != nil {
			return err
		}
		if doc != nil && !null {
			doc[key] = true
		}
	}
	_, err := w.dec.Token()
	return err
}

func (w jsonWalk) value(depth int) (null bool, err error) {
	if depth > maxNesting {
		return false, errNesting
	}
	t, err := w.dec.Token()
	switch {
	case err != nil:
		return false, err
	case t == json.Delim('{'):
		return false, w.object(nil, depth)
	case t == json.Delim('['):
		for w.dec.More() {
			if _, err := w.value(depth + 1); err != nil {
				return false, err
			}
		}
		_, err := w.dec.Token()
		return false, err
	}
	return t == nil, nil
}

// queryDocument reads a whole document of the Query protocol,
// <XResponse><XResult>members</XResult>...</XResponse>. Without an XResult, as
// with EC2, the members stand directly in the response.
func queryDocument(body []byte, operation string) (document, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	doc := document{}
	var path []string
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) && len(path) == 0 && doc[operation+"Response"] {
			return doc, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > maxNesting {
				return nil, errNesting
			}
			if err := doc.element(path, operation); err != nil {
				return nil, err
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// element notes an element of a Query document that stands at a path.
func (d document) element(path []string, operation string) error {
	name := path[len(path)-1]
	root, result := operation+"Response", operation+"Result"
	if path[0] != root {
		return fmt.Errorf("it is <%s>, not <%s>", shortened(path[0]), root)
	}
	inResult := len(path) == 3 && path[1] == result
	if len(path) > 2 && !inResult {
		return nil
	}
	if d[name] {
		return errTwice(shortened(name))
	}
	d[name] = true
	return nil
}

// bucketRoots are the elements that S3's replies consist of, by operation. Source: S3's API
// model. An operation that is not here answers without a document, or with a policy.
var bucketRoots = map[string]string{
	"s3:GetBucketEncryption":        "ServerSideEncryptionConfiguration",
	"s3:GetBucketOwnershipControls": "OwnershipControls",
	"s3:GetBucketTagging":           "Tagging",
	"s3:GetBucketVersioning":        "VersioningConfiguration",
	"s3:GetPublicAccessBlock":       "PublicAccessBlockConfiguration",
	"s3:ListObjectVersions":         "ListVersionsResult",
}

// bucketDocument reads a whole reply of S3.
func bucketDocument(body []byte, operation string) (document, error) {
	root := bucketRoots[operation]
	switch {
	case operation == "s3:GetBucketPolicy":
		return jsonDocument(body)
	case root == "":
		return document{}, nil // a write: what comes of it shows when it is read again
	}
	dec := xml.NewDecoder(bytes.NewReader(body))
	doc, depth, ended := document{}, 0, false
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) && ended {
			return doc, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			switch name := t.Name.Local; {
			case ended:
				return nil, errBehind
			case depth == 1 && name != root && name != strings.TrimPrefix(operation, "s3:")+"Response": // as emulators have it
				return nil, fmt.Errorf("it is <%s>, not <%s>", shortened(name), root)
			case depth == 2:
				doc[name] = true
			}
		case xml.EndElement:
			depth--
			ended = depth == 0
		}
	}
}

// shortened is a name from a reply as an error can show it.
func shortened(name string) string {
	name = clean(name)
	if len(name) > 40 {
		name = strings.ToValidUTF8(name[:40], "") + "..."
	}
	return name
}
