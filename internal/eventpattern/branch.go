package eventpattern

import (
	"cmp"
	"slices"
)

// An expander turns the tree into branches.
type expander struct{ reader *reader }

// A draft is a branch in the making; the fields are shared by branches.
type draft []*Field

func (e expander) branches(root *object) ([]Branch, error) {
	drafts, err := e.object([]draft{nil}, "", root)
	if err != nil {
		return nil, err
	}
	branches := make([]Branch, 0, len(drafts))
	for _, d := range drafts {
		b := make(Branch, 0, len(d))
		for _, f := range d {
			b = append(b, *f)
		}
		branches = append(branches, b)
	}
	return branches, nil
}

// object adds the members of o to each draft, in the order of the text: a path
// that comes again replaces what was there, which is all that $or knows of AND.
func (e expander) object(drafts []draft, prefix string, o *object) ([]draft, error) {
	var err error
	for _, m := range o.members {
		switch {
		case m.or != nil:
			drafts, err = e.or(drafts, prefix, m)
		case m.object != nil:
			drafts, err = e.object(drafts, prefix+m.name+".", m.object)
		default:
			f := &Field{Path: prefix + m.name, Offset: m.offset, Tests: m.tests}
			for i, d := range drafts {
				drafts[i] = d.with(f)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return drafts, nil
}

// or makes of each draft one for each alternative.
func (e expander) or(drafts []draft, prefix string, m member) ([]draft, error) {
	var all []draft
	for _, alternative := range m.or {
		copies := make([]draft, 0, len(drafts))
		for _, d := range drafts {
			copies = append(copies, slices.Clone(d))
		}
		list, err := e.object(copies, prefix, alternative)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(all) > MaxBranches {
			return nil, e.reader.fail(m.offset, "$or makes more than %d combinations", MaxBranches)
		}
	}
	return all, nil
}

// with sets the field of f's path.
func (d draft) with(f *Field) draft {
	i, found := slices.BinarySearchFunc(d, f, func(a, b *Field) int { return cmp.Compare(a.Path, b.Path) })
	if found {
		d[i] = f
		return d
	}
	return slices.Insert(d, i, f)
}
