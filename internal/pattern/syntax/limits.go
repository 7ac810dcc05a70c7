package syntax

// Limits of the language, checked by Parse.
const (
	MaxLength        = 1024 // code points in a pattern
	MaxRegexes       = 2    // regular expressions in a JSON or space-delimited pattern
	MaxWildcards     = 3    // [*] and .* in a pattern
	MaxPathWildcards = 1    // [*] and .* in one selector
)
