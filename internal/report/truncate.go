package report

import "unicode/utf16"

// truncate shortens text to at most limit characters, an ellipsis in place of
// what is cut. Characters above U+FFFF count as two, as receivers written in
// Java or JavaScript count them.
func truncate(text string, limit int) string {
	used, cut := 0, 0
	for i, r := range text {
		if used < limit {
			cut = i // the ellipsis would still fit here
		}
		if used += utf16.RuneLen(r); used > limit {
			return text[:cut] + "…"
		}
	}
	return text
}
