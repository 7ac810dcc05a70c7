package audit

import (
	"bytes"
	"crypto/sha256"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A memo keeps what was decided about texts of patterns, for all accounts that are judged
// in a world: the copies of one stack set have the same texts, though they differ in states
// and times. A hit gives what the decision would have given, and is charged as it.
//
// What is decided is decided for a sample account, whose id is exchanged for that of the
// account in question. Texts that may tell ids apart are left alone (see plain).
type memo struct {
	mu         sync.Mutex
	young, old map[memoKey]memoized // the old ones go when the young are too many
	hits       int
}

type memoKey [sha256.Size]byte

// A memoized is one decision: coverages or, of a question whether patterns touch anything,
// the answers; by probe.
type memoized struct {
	covers []cloudtrail.ProbeCoverage
	may    []bool
}

// memoSize is how many decisions are kept at least; twice as many at most.
const memoSize = 4096

// sampleID is the account of memoized decisions.
const sampleID = "770077007700"

func newMemo() *memo { return &memo{young: map[memoKey]memoized{}, old: map[memoKey]memoized{}} }

// get returns a decision, which it makes if nobody has. It is kept unless it was cut off.
func (m *memo) get(key memoKey, decide func() (memoized, bool)) memoized {
	m.mu.Lock()
	have, ok := m.young[key]
	if !ok {
		if have, ok = m.old[key]; ok {
			m.put(key, have)
		}
	}
	if ok {
		m.hits++
	}
	m.mu.Unlock()
	if ok {
		return have
	}
	made, whole := decide()
	if whole {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.put(key, made)
	}
	return made
}

func (m *memo) put(key memoKey, v memoized) {
	if len(m.young) >= memoSize {
		m.old, m.young = m.young, map[memoKey]memoized{}
	}
	m.young[key] = v
}

var (
	longDigits = regexp.MustCompile(`[0-9]{4,}`)
	selector   = regexp.MustCompile(`\$[^\s=!<>(){}&|]*`)
	telling    = regexp.MustCompile(`(?i)account|arn|principalid|resources`)
)

// plain reports whether what a pattern matches does not depend on the id of the account: no
// field that holds an id or an ARN, no number that may be a part of one, no text pattern and
// no regular expression.
func plain(text string) bool {
	if !strings.HasPrefix(strings.TrimSpace(text), "{") || strings.Contains(text, "%") || longDigits.MatchString(text) {
		return false
	}
	return !slices.ContainsFunc(selector.FindAllString(text, -1), telling.MatchString)
}

// memoKeyOf is the key of a decision about passages; false when it is for one account
// alone: event patterns name accounts in more ways than plain knows.
func (c *controlJudge) memoKeyOf(kind string, list []*passage, f *family) (memoKey, bool) {
	if c.world.memo == nil || len(list) == 0 || !c.plain {
		return memoKey{}, false
	}
	h := sha256.New()
	write := func(list ...string) {
		for _, s := range list {
			h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
		}
	}
	write(kind, c.control.ID, c.control.Condition, strconv.Itoa(c.steps), strconv.Itoa(len(list)))
	for _, x := range list {
		digest, ok := x.plainText()
		if !ok {
			return memoKey{}, false
		}
		h.Write(digest[:])
	}
	write(f.key())
	return memoKey(h.Sum(nil)), true
}

// plainText returns a digest of what the parts of a passage say; false where not all of
// them are plain.
func (x *passage) plainText() (memoKey, bool) {
	if x.digest == nil {
		h := sha256.New()
		x.plain = true
		for _, m := range x.parts {
			p, ok := m.(*pattern.Pattern)
			if x.plain = x.plain && ok && plain(p.Text()); !x.plain {
				break
			}
			h.Write([]byte(strconv.Itoa(len(p.Text())) + ":" + p.Text()))
		}
		x.digest = (*memoKey)(h.Sum(nil))
	}
	return *x.digest, x.plain
}

func plainCondition(text string) bool { return text == "" || plain(text) }

// coverAll decides which records of a family a union of passages lets through.
func (c *controlJudge) coverAll(list []*passage, f *family) []cloudtrail.ProbeCoverage {
	var matchers []cover.Matcher
	for _, x := range list {
		matchers = append(matchers, x.matcher())
	}
	decide := func(shapes []cloudtrail.Probe) []cloudtrail.ProbeCoverage {
		return cloudtrail.Cover(c.ctx, matchers, cloudtrail.Requirement{Probes: shapes, Steps: c.steps}).Probes
	}
	key, ok := c.memoKeyOf("cover", list, f)
	if !ok {
		return decide(f.probes)
	}
	kept := c.world.memo.get(key, func() (memoized, bool) {
		return memoized{covers: decide(ofSample(f.probes))}, c.ctx.Err() == nil
	})
	out := make([]cloudtrail.ProbeCoverage, len(kept.covers))
	for i, k := range kept.covers {
		k.Probe = f.probes[i]
		k.Lost, k.Doubtful, k.LostFailures = casesAt(k.Lost, c.account.ID), casesAt(k.Doubtful, c.account.ID), casesAt(k.LostFailures, c.account.ID)
		out[i] = k
	}
	return out
}

// touchAll decides for each shape of a family whether some record of it passes.
func (c *controlJudge) touchAll(x *passage, f *family) []bool {
	decide := func(shapes []cloudtrail.Probe) []bool {
		return cloudtrail.Touches(c.ctx, []cover.Matcher{x.matcher()}, cloudtrail.Requirement{Probes: shapes, Steps: c.steps})
	}
	key, ok := c.memoKeyOf("touch", []*passage{x}, f)
	if !ok {
		return decide(f.probes)
	}
	return c.world.memo.get(key, func() (memoized, bool) {
		return memoized{may: decide(ofSample(f.probes))}, c.ctx.Err() == nil
	}).may
}

// ofSample returns probes as those of the sample account.
func ofSample(shapes []cloudtrail.Probe) []cloudtrail.Probe {
	out := slices.Clone(shapes)
	for i := range out {
		if out[i].Account != "" {
			out[i].Account = sampleID
		}
	}
	return out
}

// casesAt returns cases of the sample account as those of another one.
func casesAt(list []cover.Case, id string) []cover.Case {
	if list == nil {
		return nil
	}
	out := make([]cover.Case, len(list))
	for i, c := range list {
		facts := slices.Clone(c.Facts)
		for k := range facts {
			facts[k].Value, facts[k].Text = strings.ReplaceAll(facts[k].Value, sampleID, id), strings.ReplaceAll(facts[k].Text, sampleID, id)
		}
		out[i] = cover.Case{Facts: facts, Example: bytes.ReplaceAll(c.Example, []byte(sampleID), []byte(id))}
	}
	return out
}
