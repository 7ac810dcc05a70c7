package channel

import (
	"fmt"
	"regexp"
	"strings"
)

// A secret may be given by reference, so that it stands in no process list and in no
// configuration: env:NAME or file:PATH.
const (
	fromEnv  = "env:"
	fromFile = "file:"
)

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func isReference(address string) bool {
	return strings.HasPrefix(address, fromEnv) || strings.HasPrefix(address, fromFile)
}

func checkReference(form Form, address string) error {
	if name, ok := strings.CutPrefix(address, fromEnv); ok && !variable.MatchString(name) {
		return fmt.Errorf("subscriber %s:%s: what follows env: is not the name of a variable", form, address)
	}
	if address == fromFile {
		return fmt.Errorf("subscriber %s:%s: no file is named", form, address)
	}
	return nil
}

// Secrets is where referred secrets are read.
type Secrets struct {
	Env  func(name string) (string, bool)
	File func(path string) ([]byte, error)
}

// Resolve returns the channel with its secret in place of a reference to it, and checks
// it. Blanks around what a file or variable holds are dropped.
func (c Channel) Resolve(s Secrets) (Channel, error) {
	row := rowOf(c.Form)
	if row == nil || !row.secret || !isReference(c.Address) {
		return c, nil
	}
	var value string
	if name, ok := strings.CutPrefix(c.Address, fromEnv); ok {
		if value, ok = s.Env(name); !ok {
			return c, fmt.Errorf("subscriber %s: the variable is not set", c)
		}
	} else {
		data, err := s.File(strings.TrimPrefix(c.Address, fromFile))
		if err != nil {
			return c, fmt.Errorf("subscriber %s: %w", c, err)
		}
		value = string(data)
	}
	out := Channel{c.Form, strings.TrimSpace(value)}
	check := row.check
	if held[c.Form] != nil {
		check = held[c.Form]
	}
	if err := check(out); err != nil {
		return c, fmt.Errorf("subscriber %s: what it refers to: %w", c, err)
	}
	return out, nil
}
