package plan

// AlarmUSD is the list price of a standard-resolution alarm on one metric for a
// month, in US dollars, in US East (N. Virginia); other regions differ. Source:
// Amazon CloudWatch pricing, as of 2026.
const AlarmUSD = 0.10

// FreeAlarms is the number of alarm metrics that an account has free of charge
// (Amazon CloudWatch pricing, free tier).
const FreeAlarms = 10

// A Cost is what a plan adds to the monthly bill.
type Cost struct {
	Alarms  int // new standard-resolution alarms, one metric each
	Metrics int // new metrics of filters, billed as custom metrics
	USD     float64
}

// CostOf returns what the actions add, in one account or, for "", in all. USD is
// the price of the alarms alone, without the free tier.
func CostOf(actions []Action, id string) Cost {
	var c Cost
	metrics := map[string]bool{}
	for _, a := range actions {
		if id != "" && a.Common().Account != id {
			continue
		}
		switch a := a.(type) {
		case PutAlarm:
			if a.Before == nil {
				c.Alarms++
			}
		case PutFilter:
			if a.Before == nil {
				metrics[a.Account+a.Region+a.Filter.Namespace+"/"+a.Filter.Metric] = true
			}
		}
	}
	c.Metrics, c.USD = len(metrics), float64(c.Alarms)*AlarmUSD
	return c
}
