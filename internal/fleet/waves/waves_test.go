package waves_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/fleet/waves"
)

func ids(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%012d", i+1))
	}
	return list
}

// TestSplit holds the sizes of waves.
func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		sizes string
		n     int
		want  string
	}{
		{waves.Default, 13, "[1 5 4 3]"},
		{waves.Default, 1, "[1]"},
		{waves.Default, 3, "[1 2]"},
		{waves.Default, 0, "[]"},
		{waves.Default, 312, "[1 5 78 228]"},
		{"100%", 7, "[7]"},
		{"50%, 50%", 7, "[4 3]"},
		{"3", 3, "[3]"},
	} {
		sizes, err := waves.Parse(tt.sizes)
		if err != nil {
			t.Fatal(err)
		}
		list, err := waves.Split(ids(tt.n), sizes)
		if err != nil {
			t.Fatal(err)
		}
		got := []int{}
		for _, w := range list {
			got = append(got, len(w))
		}
		if fmt.Sprint(got) != tt.want || !slices.Equal(slices.Concat(list...), ids(tt.n)) {
			t.Errorf("%s of %d: %v, want %s", tt.sizes, tt.n, got, tt.want)
		}
	}
	sizes, _ := waves.Parse("1,5")
	if _, err := waves.Split(ids(13), sizes); err == nil || !strings.Contains(err.Error(), "6 of 13") {
		t.Errorf("accounts are left out: %v", err)
	}
	for _, bad := range []string{"", "0", "-1", "x", "101%", "0%", "1,,2", "%"} {
		if _, err := waves.Parse(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestRun ends after as many failures as are allowed, and begins no wave then.
func TestRun(t *testing.T) {
	sizes, _ := waves.Parse("1,2,100%")
	list, _ := waves.Split(ids(6), sizes)
	for _, tt := range []struct {
		bad     string // last digits of the accounts that fail
		allowed int
		want    string // accounts done, failed, left
	}{
		{"", 0, "6 0 0"}, {"1", 0, "0 1 5"}, {"4", 1, "5 1 0"}, {"23", 1, "1 2 3"}, {"123456", 6, "0 6 0"},
	} {
		var mu sync.Mutex
		begun := map[string]int{}
		d := waves.Driver{MaxFailures: tt.allowed, Do: func(_ context.Context, id string) error {
			mu.Lock()
			defer mu.Unlock()
			begun[id]++
			if strings.Contains(tt.bad, id[11:]) {
				return errors.New("it fails")
			}
			return nil
		}}
		r := d.Run(t.Context(), list)
		if got := fmt.Sprint(len(r.Done), len(r.Failed), len(r.Left)); got != tt.want {
			t.Errorf("%q with %d allowed: %s, want %s", tt.bad, tt.allowed, got, tt.want)
		}
		for _, id := range r.Left {
			if begun[id] > 0 {
				t.Errorf("%q: account %s was begun", tt.bad, id)
			}
		}
	}
}

// TestRunEnds begins nothing once the context is over.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	list := [][]string{{"1"}, {"2", "3"}}
	d := waves.Driver{Do: func(context.Context, string) error { cancel(); return nil }}
	if r := d.Run(ctx, list); len(r.Done) != 1 || !slices.Equal(r.Left, []string{"2", "3"}) {
		t.Errorf("%+v", r)
	}
	if got := fmt.Sprint(waves.Reversed(list)); got != "[[3 2] [1]]" {
		t.Error(got)
	}
}
