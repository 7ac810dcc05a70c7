package awstest

import (
	"encoding/json"
	"math"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// A timestamp is a point in time on the wire: seconds since 1970 as a number
// (AWS JSON), tagged number (CBOR) or RFC 3339 text (XML).
type timestamp struct{ time.Time }

// at returns a timestamp, nil for the zero time.
func at(t time.Time) *timestamp {
	if t.IsZero() {
		return nil
	}
	return &timestamp{t}
}

func (t timestamp) epoch() float64 { return float64(t.UnixMilli()) / 1000 }

func fromEpoch(seconds float64) timestamp {
	whole, frac := math.Modf(seconds)
	return timestamp{time.Unix(int64(whole), int64(frac*1e9)).UTC()}
}

// MarshalJSON writes seconds since 1970.
func (t timestamp) MarshalJSON() ([]byte, error) { return json.Marshal(t.epoch()) }

// UnmarshalJSON reads seconds since 1970.
func (t *timestamp) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	*t = fromEpoch(seconds)
	return nil
}

// MarshalCBOR writes tag 1 with seconds since 1970.
func (t timestamp) MarshalCBOR() ([]byte, error) {
	return cbor.Marshal(cbor.Tag{Number: 1, Content: t.epoch()})
}

// UnmarshalCBOR reads tag 1 with seconds since 1970.
func (t *timestamp) UnmarshalCBOR(data []byte) error {
	var tag cbor.RawTag
	if err := cbor.Unmarshal(data, &tag); err != nil {
		return err
	}
	var seconds float64
	if err := cbor.Unmarshal(tag.Content, &seconds); err != nil {
		var whole int64
		if err := cbor.Unmarshal(tag.Content, &whole); err != nil {
			return err
		}
		seconds = float64(whole)
	}
	*t = fromEpoch(seconds)
	return nil
}
