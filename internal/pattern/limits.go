package pattern

// Limits of the language, checked by Parse.
const (
	maxLength       = 1024 // code points in a pattern
	maxRegexes      = 2    // regular expressions in a JSON or space-delimited pattern
	maxWildcards    = 3    // [*] and .* in a pattern
	maxPathWildcard = 1    // [*] and .* in one selector
)
