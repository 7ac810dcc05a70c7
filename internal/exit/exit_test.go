package exit_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// misused is an error of a package that knows no codes.
type misused bool

func (misused) Error() string { return "misused" }
func (m misused) Usage() bool { return bool(m) }
func wrapped(err error) error { return fmt.Errorf("reading: %w", err) }
func failed(code int) error   { return &exit.Error{Code: code} }
func plain() error            { return errors.New("plain") }
func hinted(err error) error  { return exit.Hinted(err, "try again") }

func TestCode(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, exit.Done},
		{"plain", plain(), exit.Failed},
		{"usage", wrapped(exit.Usage(plain())), exit.WrongUsage},
		{"usage by method", wrapped(misused(true)), exit.WrongUsage},
		{"no usage by method", wrapped(misused(false)), exit.Failed},
		{"a code", wrapped(failed(exit.ControlsFailed)), exit.ControlsFailed},
		{"hinted plain", hinted(plain()), exit.Failed},
		{"hinted usage", hinted(wrapped(misused(true))), exit.WrongUsage},
		{"hinted code", wrapped(hinted(failed(exit.Interrupted))), exit.Interrupted},
	} {
		if got := exit.Code(tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	if text := failed(exit.Failed).Error(); text != "" {
		t.Errorf("an error without a cause says %q", text)
	}
}
