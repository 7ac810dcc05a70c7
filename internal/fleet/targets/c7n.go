package targets

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// The accounts.yml of c7n-org (cloud-custodian, tools/c7n_org) is what people have who
// run something over many accounts: a mapping with "accounts", a list. Keys that its
// schema does not know are allowed there, and of no use here.

var (
	c7nAccounts = regexp.MustCompile(`(?m)^accounts:[ \t]*(#.*)?\r?$`)
	c7nTop      = regexp.MustCompile(`(?m)^[A-Za-z_"'][^\n]*:`)
)

func isC7N(data []byte) bool {
	return c7nAccounts.Match(data) || bytes.HasPrefix(bytes.TrimSpace(data), []byte("accounts: ["))
}

// parseC7N reads the entries one by one: the time that the parser takes grows with the
// square of a file, and these have thousands of lines.
func parseC7N(name string, data []byte) (List, error) {
	at := c7nAccounts.FindIndex(data)
	if at == nil || bytes.Contains(data, []byte("&")) && bytes.Contains(data, []byte("*")) {
		return parseC7NDocument(name, data, 1) // a list in brackets, or anchors, which hold for the whole document
	}
	body := data[at[1]:]
	if next := c7nTop.FindIndex(body); next != nil {
		body = body[:next[0]]
	}
	var list List
	line := bytes.Count(data[:at[1]], []byte("\n")) + 2
	for _, part := range entries(body) {
		entry := append([]byte("accounts:\n"), part...)
		one, err := parseC7NDocument(name, entry, line-1)
		if err != nil {
			return List{}, err
		}
		list.Targets = append(list.Targets, one.Targets...)
		for _, n := range one.Notes {
			if !slices.Contains(list.Notes, n) {
				list.Notes = append(list.Notes, n)
			}
		}
		line += bytes.Count(part, []byte("\n"))
	}
	return list, nil
}

// entries cuts a block of list entries into as many parts. Lines before the first, which
// are blank or remarks, belong to it.
func entries(body []byte) [][]byte {
	body = bytes.TrimPrefix(bytes.TrimPrefix(body, []byte("\r")), []byte("\n"))
	var parts [][]byte
	indent, start, offset := -1, 0, 0
	for len(body) > offset {
		end := bytes.IndexByte(body[offset:], '\n') + 1
		if end == 0 {
			end = len(body) - offset
		}
		text := body[offset : offset+end]
		trimmed := bytes.TrimLeft(text, " ")
		dash := len(text) - len(trimmed)
		if bytes.HasPrefix(trimmed, []byte("-")) && (indent < 0 || dash == indent) {
			if indent >= 0 {
				parts = append(parts, body[start:offset])
				start = offset
			}
			indent = dash
		}
		offset += end
	}
	if indent >= 0 {
		parts = append(parts, body[start:])
	}
	return parts
}

// parseC7NDocument reads a whole document whose first line is line+1 of the file.
func parseC7NDocument(name string, data []byte, line int) (List, error) {
	r := yamlfile.NewReader(name)
	root := r.Parse(data)
	var list List
	if r.OK() {
		for _, e := range r.Entries(root, "the file") {
			if e.Key.GetToken().Value == "accounts" {
				list.readC7N(r, e.Value)
			}
		}
	}
	err := r.Err()
	var at *yamlfile.Error
	if errors.As(err, &at) && at.Line > 0 {
		at.Line += line - 1
	}
	return list, err
}

func (l *List) readC7N(r *yamlfile.Reader, n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.Fail(yamlfile.PlaceOf(n), "", "accounts must be a list")
		return
	}
	for _, entry := range seq.Values {
		t, vars, all := readC7NAccount(r, entry)
		if !r.OK() {
			return
		}
		if vars {
			l.note(`"vars" of accounts are for policies of c7n and not used`)
		}
		if t.Regions == nil && !all {
			l.note("accounts without regions are read in all enabled ones (c7n-org reads two)")
		}
		l.Targets = append(l.Targets, t)
	}
}

func (l *List) note(text string) {
	if !slices.Contains(l.Notes, text) {
		l.Notes = append(l.Notes, text)
	}
}

// readC7NAccount also reports whether the account has variables, and whether it asks for all
// regions.
func readC7NAccount(r *yamlfile.Reader, n ast.Node) (t Target, vars, all bool) {
	if anchor, ok := n.(*ast.AnchorNode); ok {
		n = anchor.Value
	}
	place := yamlfile.PlaceOf(n)
	for _, e := range r.Entries(n, "an account") {
		value := e.Value
		switch e.Key.GetToken().Value {
		case "account_id":
			t.ID = scalar(value)
		case "name", "display_name":
			if t.Name == "" || e.Key.GetToken().Value == "name" {
				t.Name = scalar(value)
			}
		case "email":
			t.Email = scalar(value)
		case "profile":
			t.Profile = scalar(value)
		case "external_id":
			t.ExternalID = scalar(value)
		case "status", "state":
			t.State = strings.ToUpper(scalar(value))
		case "role":
			t.Roles = scalars(value)
		case "regions":
			t.Regions = scalars(value)
		case "tags":
			t.tags(scalars(value))
		case "vars":
			vars = true
		}
	}
	if all = slices.Contains(t.Regions, "all"); all {
		t.Regions = nil
	}
	if r.OK() && !IsID(t.ID) {
		r.Fail(place, "write it with its leading zeros and in quotes", "account_id %q is not a 12-digit account id", short(t.ID))
	}
	return t, vars, all
}

// tags reads "k:v" and, as its generator writes, "path:/A/B" for the organizational unit.
func (t *Target) tags(list []string) {
	t.Tags = map[string]string{}
	for _, tag := range list {
		key, value, _ := strings.Cut(tag, ":")
		t.Tags[key] = value
		switch key {
		case "path":
			t.Names = value
		case "status":
			t.State = strings.ToUpper(value)
		}
	}
}

// scalar is the text of a word or number as it stands in the file: ids have leading
// zeros. "" for anything else.
func scalar(n ast.Node) string {
	if _, null := n.(*ast.NullNode); null {
		return ""
	}
	if s, ok := n.(ast.ScalarNode); ok {
		return fmt.Sprint(s.GetToken().Value)
	}
	return ""
}

// scalars reads one word, or a list of them.
func scalars(n ast.Node) []string {
	if seq, ok := n.(*ast.SequenceNode); ok {
		var list []string
		for _, v := range seq.Values {
			if text := scalar(v); text != "" {
				list = append(list, text)
			}
		}
		return list
	}
	if text := scalar(n); text != "" {
		return []string{text}
	}
	return nil
}
