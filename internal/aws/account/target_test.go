package account

import "testing"

func TestSchemaOf(t *testing.T) {
	tests := []struct{ template, want string }{
		{`{"version":"1.0","source":"custom","content":{"textType":"client-markdown","title":"T","description":"*<what>* by <who>"}}`, SchemaChat},
		{`{"version":"1.0","source":"custom","content":{"description":<text>}}`, SchemaChat},
		{`{"version":"1.0","source":"custom","content":{"title":"<what>"}}`, ""},
		{`{"version":"0","source":"custom","content":{"description":"x"}}`, ""},
		{`{"AlarmName":"x","NewStateValue":"ALARM","n":<n>}`, SchemaAlarm},
		{`"<what> by <who>"`, ""},
		{`<a>`, ""},
		{`{"a":"\"<b>`, ""},
		{``, ""},
	}
	for _, tt := range tests {
		if got := schemaOf(tt.template); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.template, got, tt.want)
		}
	}
}
