package planfile

// Resign gives the file the digest of what it holds now.
func (f *File[W]) Resign() { f.Digest = f.digest() }

// Actions compares the actions of two files alone.
func Actions(saved, now []Action) []Difference { return actions(saved, now) }
