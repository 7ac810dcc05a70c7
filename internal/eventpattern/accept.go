package eventpattern

import "slices"

// AcceptsText reports whether a leaf of the path that is this string passes one of
// the field's tests.
func (f *Field) AcceptsText(text string) bool {
	l := &leaf{text: text}
	l.digits, _ = addressDigits(text)
	return f.accepts(l)
}

// AcceptsAbsence reports whether the field holds where its path has no leaf.
func (f *Field) AcceptsAbsence() bool { return f.acceptsAbsence() }

// Field returns the branch's field of a path, nil when it has none.
func (b Branch) Field(path string) *Field {
	i := slices.IndexFunc(b, func(f Field) bool { return f.Path == path })
	if i < 0 {
		return nil
	}
	return &b[i]
}

// MayHave reports whether the branch holds of some event whose leaf at path is one
// of the texts, as far as that path is concerned.
func (b Branch) MayHave(path string, texts ...string) bool {
	f := b.Field(path)
	return f == nil || slices.ContainsFunc(texts, f.AcceptsText)
}

// DetailTypes returns the detail-types that an event of CloudTrail may have by the
// record's eventType, the likeliest first; those of every eventType for "". Nil for
// an eventType without one.
func DetailTypes(eventType string) []string {
	if eventType != "" {
		list := slices.Clone(detailTypes[eventType])
		if eventType == "AwsApiCall" {
			list = append(list, apiCallChina)
		}
		return list
	}
	return []string{apiCall, serviceEvent, consoleAction, signIn, insight, networkEvent, signInOther, apiCallChina}
}

// Like is the text with an asterisk where anything may stand.
func (t StringTest) Like() string {
	switch t.Op {
	case Prefix, PrefixFold:
		return t.Text + "*"
	case Suffix, SuffixFold:
		return "*" + t.Text
	default:
		return t.Text
	}
}
