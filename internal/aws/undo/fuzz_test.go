package undo

import (
	"bytes"
	"cmp"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/journal"
)

// FuzzFor feeds journals from strangers to undo, in an account where nothing is
// as they say, and in one where all is: no panic, and no alarm or topic without
// our tag is touched.
func FuzzFor(f *testing.F) {
	head := `{"schema":"monitorctl/journal/v1","account":"111122223333","partition":"aws","salt":"5a17","tool":"t","startedAt":"2026-03-01T12:00:00Z"}` + "\n"
	line := func(object, states string) string {
		return head + `{"n":1,"at":"2026-03-01T12:00:00Z","object":` + object + `,` + states + "}\n"
	}
	f.Add([]byte(line(`{"kind":"alarm","region":"r","name":"A"}`, `"before":{"tags":{"a":"b"}},"after":{"alarm":{"arn":"","name":"A","actionsEnabled":true,"evaluationPeriods":1,"comparison":"","state":""}}`)))
	f.Add([]byte(line(`{"kind":"alarm","region":"r","name":"A"}`, `"after":{"tags":{}}`)))
	f.Add([]byte(line(`{"kind":"topic","region":"r","name":"arn:t"}`, `"before":{"policy":"{}"},"after":{"policy":"{}","tags":null}`)))
	f.Add([]byte(line(`{"kind":"topic","region":"r","name":"arn:t"}`, `"after":{"topic":{"arn":"arn:t"}}`)))
	f.Add([]byte(line(`{"kind":"subscription","region":"r","name":"arn:t","endpoint":"sms 1"}`, `"after":{"subscription":{"protocol":"sms","endpoint":"x"}}`)))
	f.Add([]byte(line(`{"kind":"metric-filter","region":"r","logGroup":"g","name":"F"}`, `"before":{"filter":{"logGroup":"g","name":"F","pattern":"","namespace":"","metric":"","value":""},"policy":"x"},"after":{"filter":{"logGroup":"g","name":"F","pattern":"","namespace":"","metric":"","value":""}}`)))
	f.Add([]byte(line(`{"kind":"alarm","region":"r","name":"A"}`, `"before":{"tags":{"monitorctl:managed":"true"}}`)))
	f.Add([]byte(line(`{"kind":"topic","region":"r","name":"arn:t"}`, `"before":{"topic":{"arn":"arn:t"},"policy":"{}"}`)))
	f.Add([]byte(line(`{"kind":"subscription","region":"r","name":"arn:t","endpoint":"sms 1"}`, `"before":{"subscription":{"protocol":"sms","endpoint":"x"}}`)))
	f.Add([]byte(line(`{"kind":"alarm","region":"r","name":"A"}`, `"after":{"tags":{"monitorctl:managed":"true"}}`) +
		`{"n":2,"at":"2026-03-01T12:00:00Z","object":{"kind":"alarm","region":"r","name":"A"},"before":{"tags":{"a":"b"}}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := journal.Read[action.State](bytes.NewReader(data))
		if err != nil {
			return
		}
		For(j, Account{}, nil)
		now := Account{}
		for _, e := range j.Records {
			now[e.Object] = asWritten(e)
		}
		for _, a := range For(j, now, nil).Actions {
			switch a := a.(type) {
			case action.DeleteAlarm:
				if a.Tags[desired.ManagedTag] != "true" {
					t.Errorf("deletes the alarm %q without our tag", a.Alarm.Name)
				}
			case action.PutAlarm:
				if a.TagsBefore[desired.ManagedTag] != "true" {
					t.Errorf("writes the alarm %q without our tag", a.Alarm.Name)
				}
			case action.DeleteTopic:
				if a.Tags[desired.ManagedTag] != "true" {
					t.Errorf("deletes the topic %q without our tag", a.ARN)
				}
			case action.DeleteFilter, action.PutFilter:
				t.Errorf("touches a filter, and no control ships any: %s", a)
			}
		}
	})
}

// asWritten is an object as apply.Look would find it if it were as a write left
// it: with all its parts.
func asWritten(e change.Record[action.State]) Found {
	s := *cmp.Or(e.After, e.Before)
	none, policy := map[string]string{}, ""
	if s.Tags == nil || *s.Tags == nil {
		s.Tags = &none
	}
	if e.Object.Kind == action.AlarmKind && s.Alarm == nil {
		s.Alarm = alarmState(e.Object.Name, 300, nil).Alarm
	}
	if e.Object.Kind == action.TopicKind {
		if s.Topic == nil {
			s.Topic = &action.Topic{ARN: e.Object.Name}
		}
		if s.Policy == nil {
			s.Policy = &policy
		}
	}
	return Found{State: &s, ARN: "arn:s"}
}
