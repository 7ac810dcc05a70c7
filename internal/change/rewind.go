package change

import "slices"

// Why an object is left as it is. Where two states differ, the name of the first
// setting that differs follows.
const (
	LeftUnknown        = "it is not known whether it existed before"
	LeftRemoved        = "it has been removed since"
	LeftRemovedBetween = "it was removed after a run of the journal, and a later run created it again"
	LeftMadeAgain      = "it was created again since, but not by a run of the journal"
	LeftChanged        = "it has been changed: "
	LeftChangedBetween = "it was changed after a run of the journal, and a later run wrote it again: "
)

// Rewind returns what an object was before the first of its records, which are in
// the order of the writes, from what it is now; nil is an object that is not
// there. The writes of apply, of a repeated apply and of undo itself may follow
// each other in any order, and any of them may have been cut off. If the object
// does not agree with its records, because someone else changed it, left says so
// in words.
//
// It goes back write by write. A write whose outcome is not known took place if
// the object is not as it was before the write: then it is as the write left it,
// or someone changed it since. A write that is known to have taken place is
// passed over too if the object is as before it: someone took it back.
//
// The function is reports whether an object is as a record left it, difference
// names the first setting in which two states differ.
func Rewind[S State[S]](records []Record[S], now *S, is func(now S, r Record[S]) bool, difference func(now, then S) string) (target *S, left string) {
	records = slices.DeleteFunc(slices.Clone(records), func(r Record[S]) bool { return r.Result == Failed })
	cur := now
	for _, r := range slices.Backward(records) {
		after := asLeft(cur, r, is)
		switch before := agree(cur, r.Before); {
		case r.BeforeUnknown:
			return nil, LeftUnknown
		case before && (r.Result != Done || !after):
			// it did not take place, or was taken back
		case after:
			cur = back(cur, r.Before)
		case cur == nil && records[0].Before == nil && !records[0].BeforeUnknown:
			return nil, "" // the first write made it, and it is not there
		case cur == nil && now == nil:
			return nil, LeftRemoved
		case cur == nil:
			return nil, LeftRemovedBetween
		case r.After == nil:
			return nil, LeftMadeAgain
		case now != nil && (*now).Only(*r.After).Same(*cur): // what differs is there now
			return nil, LeftChanged + difference(*cur, *r.After)
		default:
			return nil, LeftChangedBetween + difference(*cur, *r.After)
		}
	}
	if cur != nil && now == nil {
		return nil, LeftRemoved // nothing is made anew
	}
	return cur, ""
}

// agree reports whether an object is in a state, which may be that of not being
// there.
func agree[S State[S]](cur, s *S) bool {
	if cur == nil || s == nil {
		return cur == nil && s == nil
	}
	return (*cur).Same(*s)
}

// asLeft reports whether an object is as a write left it.
func asLeft[S State[S]](cur *S, r Record[S], is func(S, Record[S]) bool) bool {
	if cur == nil || r.After == nil {
		return cur == nil && r.After == nil
	}
	return is(*cur, r)
}

// back takes one write back.
func back[S State[S]](cur, before *S) *S {
	if before == nil || cur == nil {
		return before
	}
	out := (*before).Over(*cur)
	return &out
}
