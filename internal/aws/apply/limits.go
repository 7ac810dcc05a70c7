package apply

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// Limits of single objects that AWS does not raise. Sources: "CloudWatch Logs
// quotas", "CloudWatch service quotas", PutMetricFilter, PutMetricAlarm,
// CreateTopic. The number of filters of a log group is plan.FilterQuota.
const (
	maxPattern     = 1024 // characters
	maxFilterName  = 512
	maxMetricName  = 255 // of namespaces too
	maxAlarmName   = 255
	maxDescription = 1024
	maxActions     = 5 // per state
	maxTags        = 50
)

// checkLimits refuses what AWS would refuse at the write, when half of the plan
// may be done already.
func checkLimits(list []plan.Action) error {
	for _, a := range list {
		var err error
		switch a := a.(type) {
		case plan.CreateTopic:
			err = within("tags", len(a.Tags), maxTags)
		case plan.PutFilter:
			err = filterLimits(a.Filter)
		case plan.PutAlarm:
			err = alarmLimits(a.Alarm, a.Tags)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
	}
	return nil
}

func filterLimits(f account.MetricFilter) error {
	return first(
		within("characters in the pattern", len([]rune(f.Pattern)), maxPattern),
		within("characters in the name", len([]rune(f.Name)), maxFilterName),
		within("characters in the metric's name", len([]rune(f.Metric)), maxMetricName),
		within("characters in the namespace", len([]rune(f.Namespace)), maxMetricName),
	)
}

func alarmLimits(a account.MetricAlarm, tags map[string]string) error {
	return first(
		within("actions for the state ALARM", len(a.AlarmActions), maxActions),
		within("actions for the state OK", len(a.OKActions), maxActions),
		within("actions for the state INSUFFICIENT_DATA", len(a.NoDataActions), maxActions),
		within("characters in the name", len([]rune(a.Name)), maxAlarmName),
		within("characters in the description", len([]rune(a.Description)), maxDescription),
		within("tags", len(tags), maxTags),
	)
}

func within(what string, have, most int) error {
	if have <= most {
		return nil
	}
	return fmt.Errorf("%d %s, but AWS allows %d", have, what, most)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
