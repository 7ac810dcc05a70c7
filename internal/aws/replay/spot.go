package replay

import (
	"time"

	"github.com/monitorctl/monitorctl/internal/logs"
)

// A spot is where and when records count: in an account, a region and a minute. Records of
// one file are mostly of a few of them.
type spot struct {
	account, region string
	minute          int64
	counts          []*int64 // by scope; nil where the scope does not include it
}

func (s *spot) is(account, region []byte, minute int64) bool {
	return s.counts != nil && minute == s.minute && string(account) == s.account && string(region) == s.region
}

// place counts a record by scope.
func (n *Counter) place(m *logs.Message, minute int64) {
	account, region := m.Fields[recipient], m.Fields[awsRegion]
	if n.last == nil || !n.last.is(account, region, minute) {
		hash := uint64(minute)
		for _, text := range [][]byte{account, region} {
			for _, c := range text {
				hash = hash*31 + uint64(c)
			}
		}
		n.last = &n.spots[hash%uint64(len(n.spots))]
		if !n.last.is(account, region, minute) {
			*n.last = n.newSpot(string(account), string(region), minute)
		}
	}
	for _, count := range n.last.counts {
		if count != nil {
			*count++
		}
	}
}

func (n *Counter) newSpot(account, region string, minute int64) spot {
	n.accounts[account], n.regions[region] = true, true
	l := spot{account, region, minute, make([]*int64, len(n.question.Scopes))}
	for i, s := range n.question.Scopes {
		if s.includes(account, region) {
			if n.records[i][minute] == nil {
				n.records[i][minute] = new(int64)
			}
			l.counts[i] = n.records[i][minute]
		}
	}
	return l
}

func (s Scope) includes(account, region string) bool {
	return (s.Account == "" || s.Account == account || account == "") && (s.Region == "" || s.Region == region || region == "")
}

// receives reports whether the present record is in a scope.
func (n *Counter) receives(scope int) bool { return n.last.counts[scope] != nil }

// A dayReader reads times. Most are of one day.
type dayReader struct {
	text  [len(time.DateOnly)]byte
	begin int64 // minutes since 1970; 0 for no day yet
}

// minute reads an eventTime as minuteOf does.
func (d *dayReader) minute(text []byte) (int64, bool) {
	if len(text) != len("2026-11-30T08:15:00Z") {
		return minuteOf(text)
	}
	hour, minute, second := twoDigits(text[11:]), twoDigits(text[14:]), twoDigits(text[17:])
	of := int64(hour*60 + minute)
	usual := text[10] == 'T' && text[13] == ':' && text[16] == ':' && text[19] == 'Z' && hour <= 23 && minute <= 59 && second <= 59
	if usual && d.begin != 0 && string(text[:len(d.text)]) == string(d.text[:]) {
		return d.begin + of, true
	}
	at, ok := minuteOf(text)
	if usual && ok {
		d.begin = at - of
		copy(d.text[:], text)
	}
	return at, ok
}

// twoDigits is the number of two digits, and a large one for anything else.
func twoDigits(text []byte) int {
	a, b := text[0]-'0', text[1]-'0'
	if a > 9 || b > 9 {
		return 100
	}
	return int(a)*10 + int(b)
}

// minuteOf reads an eventTime, such as 2026-11-30T08:15:00Z, as minutes since 1970.
func minuteOf(text []byte) (int64, bool) {
	if len(text) != len("2026-11-30T08:15:00Z") || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' {
		at, err := time.Parse(time.RFC3339, string(text))
		return at.Unix() / 60, err == nil && at.Year() > 0
	}
	n, ok := [6]int{}, true
	for i, from := range [6]int{0, 5, 8, 11, 14, 17} {
		to := from + 2
		if i == 0 {
			to = 4
		}
		for _, c := range text[from:to] {
			ok = ok && '0' <= c && c <= '9'
			n[i] = 10*n[i] + int(c-'0')
		}
	}
	if !ok || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 23 || n[4] > 59 || n[5] > 60 {
		return 0, false
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], 0, 0, time.UTC).Unix() / 60, true
}
