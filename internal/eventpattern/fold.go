package eventpattern

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A folded is the text of equals-ignore-case: for each character the ways in
// which a value may spell it. Only the pattern is folded, never the value.
type folded [][]string

func fold(text string) folded {
	f := make(folded, 0, len(text))
	for _, char := range text {
		forms := []string{string(char)}
		for _, form := range []string{lowerForm(char), upperForm(char)} {
			if form != forms[0] && form != forms[len(forms)-1] {
				forms = append(forms, form)
			}
		}
		f = append(f, forms)
	}
	return f
}

func lowerForm(char rune) string {
	if char == 'İ' {
		return "i̇"
	}
	return string(unicode.ToLower(char))
}

func upperForm(char rune) string {
	if long, ok := longUpper[char]; ok {
		return long
	}
	return string(unicode.ToUpper(char))
}

// ends returns where spellings of f at the beginning of text end, in bytes and
// ascending, without repetitions.
func (f folded) ends(text string) []int {
	at := []int{0}
	for _, forms := range f {
		at = step(text, at, forms)
		if len(at) == 0 {
			return nil
		}
	}
	return at
}

// step moves each offset of at behind the forms that stand there.
func step(text string, at []int, forms []string) []int {
	var next []int
	for _, i := range at {
		for _, form := range forms {
			if strings.HasPrefix(text[i:], form) {
				next = insert(next, i+len(form))
			}
		}
	}
	return next
}

// insert adds n to an ascending list that lacks it.
func insert(list []int, n int) []int {
	for i, have := range list {
		if have == n {
			return list
		}
		if have > n {
			list = append(list, 0)
			copy(list[i+1:], list[i:])
			list[i] = n
			return list
		}
	}
	return append(list, n)
}

func (f folded) equal(text string) bool {
	ends := f.ends(text)
	return len(ends) > 0 && ends[len(ends)-1] == len(text)
}

func (f folded) prefixOf(text string) bool { return len(f.ends(text)) > 0 }

// suffixOf tries the beginnings at which the rest is neither too short nor too
// long for f.
func (f folded) suffixOf(text string) bool {
	for i := len(text); i >= 0 && len(text)-i <= len(f)*3*utf8.UTFMax; i-- {
		if f.equal(text[i:]) {
			return true
		}
	}
	return false
}
