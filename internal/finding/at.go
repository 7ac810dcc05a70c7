package finding

import "strings"

// At returns the finding as it is on another account for which the same is true: with its
// id in place of the first one's, wherever it stands.
func (f Finding) At(account string) Finding {
	from := f.Account
	if from == account || from == "" {
		return f
	}
	swap := func(text string) string { return strings.ReplaceAll(text, from, account) }
	swapAll := func(list []string) []string { return mapped(list, swap) }
	f.Account, f.ID = account, HashID(account, f.Control)
	f.Remediation, f.Command = swap(f.Remediation), swap(f.Command)
	if f.Repair != nil {
		f.Repair = &Repair{swap(f.Repair.Shell), swap(f.Repair.Terraform), swap(f.Repair.Why)}
	}
	f.Reasons = mapped(f.Reasons, func(r Reason) Reason {
		r.Resource, r.Message, r.Conditions = swap(r.Resource), swap(r.Message), swapAll(r.Conditions)
		if r.Call != nil {
			call := *r.Call
			call.Message = swap(call.Message)
			r.Call = &call
		}
		return r
	})
	f.Narrowed = mapped(f.Narrowed, func(n Narrowing) Narrowing {
		n.Text, n.Example, n.Filter = swap(n.Text), swap(n.Example), swap(n.Filter)
		return n
	})
	f.Chain = mapped(f.Chain, func(l Link) Link {
		l.Resource, l.Detail = swap(l.Resource), swap(l.Detail)
		return l
	})
	if f.Waiver != nil {
		w := *f.Waiver
		w.Account = swap(w.Account)
		f.Waiver = &w
	}
	return f
}

// mapped returns a list with each entry changed; nil for nil.
func mapped[T any](list []T, change func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = change(v)
	}
	return out
}
