package collect

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// messageOf says what a target gets of an event. The texts may hold secrets, such
// as a routing key, and are looked at here and not kept.
func messageOf(t *types.Target) account.Message {
	switch {
	case t.InputTransformer != nil:
		text := aws.ToString(t.InputTransformer.InputTemplate)
		m := account.Message{Form: account.Template, Placeholders: placeholders(text), Schema: schemaOf(text)}
		if len(t.InputTransformer.InputPathsMap) > 0 {
			m.Paths = t.InputTransformer.InputPathsMap
		}
		return m
	case aws.ToString(t.Input) != "":
		return account.Message{Form: account.Constant, Schema: schemaOf(*t.Input)}
	case aws.ToString(t.InputPath) != "":
		return account.Message{Form: account.PartOfEvent, Paths: map[string]string{"": *t.InputPath}}
	}
	return account.Message{Form: account.WholeEvent}
}

var placeholder = regexp.MustCompile(`<([A-Za-z0-9_.-]{1,256})>`)

// placeholders returns the names between < and > in a template, sorted, each once.
func placeholders(template string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(template, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// schemaOf tells which receiver a text is made for. Where a placeholder stands
// between quotes any text may stand, elsewhere a number or an object.
func schemaOf(template string) string {
	var m struct {
		Version, Source string
		Content         struct{ Description string }
		NewStateValue   string
	}
	if json.Unmarshal([]byte(filledIn(template)), &m) != nil {
		return ""
	}
	switch {
	case m.Version == "1.0" && m.Source == "custom" && m.Content.Description != "":
		return account.SchemaChat
	case m.NewStateValue != "":
		return account.SchemaAlarm
	}
	return ""
}

// filledIn puts something in the place of each placeholder.
func filledIn(template string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(template); i++ {
		c := template[i]
		if m := placeholder.FindStringIndex(template[i:]); c == '<' && m != nil && m[0] == 0 {
			if quoted {
				b.WriteString("x")
			} else {
				b.WriteString(`"x"`)
			}
			i += m[1] - 1
			continue
		}
		if c == '\\' && quoted && i+1 < len(template) {
			b.WriteByte(c)
			i++
			c = template[i]
		} else if c == '"' {
			quoted = !quoted
		}
		b.WriteByte(c)
	}
	return b.String()
}
