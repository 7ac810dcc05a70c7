package match

import (
	"bytes"
	"encoding/json"
	"io"
)

// A Message is a log event's message, decoded once for many patterns. It is
// immutable and safe for use by several goroutines.
type Message struct {
	Text []byte

	// Object is nil when the message is not one JSON object. Its numbers are
	// json.Number.
	Object map[string]any
}

// Decode prepares a message, which must not change afterwards, for Root.
// A message that is not JSON is fine; only JSON patterns cannot match it.
func Decode(message []byte) *Message {
	return &Message{Text: message, Object: decodeObject(message)}
}

// Raw is Decode for a message whose text alone matters: JSON patterns do not match it.
func Raw(message []byte) *Message { return &Message{Text: message} }

// decodeObject returns the object that text consists of, nil when it is
// anything else: broken, an array, an object with text behind it, or nested
// deeper than encoding/json goes (10,000 levels). Of several properties with
// one name the last counts.
func decodeObject(text []byte) map[string]any {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // numbers are compared by their spelling
	var root any
	if err := d.Decode(&root); err != nil {
		return nil
	}
	if _, err := d.Token(); err != io.EOF {
		return nil
	}
	object, _ := root.(map[string]any)
	return object
}
