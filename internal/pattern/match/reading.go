package match

// A Reading settles the uncertain rules on which a match may depend.
type Reading struct {
	MidAsterisk    bool // an asterisk in the middle stands for any characters
	DetachedIgnore bool // a minus sign apart from its term is without effect
}
