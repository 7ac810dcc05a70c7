package account

import (
	"reflect"
)

// Same reports whether two metric filters are the same to AWS: values that mean the
// same may be written in different ways.
func (f MetricFilter) Same(g MetricFilter) bool { return reflect.DeepEqual(f.normal(), g.normal()) }

func (f MetricFilter) normal() MetricFilter {
	if f.Unit == "None" {
		f.Unit = ""
	}
	f.Dimensions = emptyMap(f.Dimensions)
	if len(f.Also) == 0 {
		f.Also = nil
	}
	f.SystemDimensions, f.Unknown = emptyList(f.SystemDimensions), emptyList(f.Unknown)
	return f
}

// Settings returns the alarm without what changes by itself: its state, and when
// it was changed.
func (a MetricAlarm) Settings() MetricAlarm {
	a.State, a.StateReason, a.Evaluation = "", "", ""
	a.TransitionAt, a.UpdatedAt = nil, nil
	return a
}

// Same reports whether two alarms have the same settings, whatever their states.
func (a MetricAlarm) Same(b MetricAlarm) bool { return reflect.DeepEqual(a.normal(), b.normal()) }

// normal leaves out the ARN too, which follows from the name.
func (a MetricAlarm) normal() MetricAlarm {
	a = a.Settings()
	a.ARN = ""
	if a.DatapointsToAlarm == 0 {
		a.DatapointsToAlarm = a.EvaluationPeriods
	}
	if a.MissingData == "" {
		a.MissingData = "missing" // CloudWatch's default
	}
	a.AlarmActions, a.OKActions, a.NoDataActions = emptyList(a.AlarmActions), emptyList(a.OKActions), emptyList(a.NoDataActions)
	a.Unknown, a.Unwritten = emptyList(a.Unknown), emptyList(a.Unwritten)
	a.Dimensions = emptyMap(a.Dimensions)
	if len(a.Queries) == 0 {
		a.Queries = nil
	}
	return a
}

func emptyList(l []string) []string {
	if len(l) == 0 {
		return nil
	}
	return l
}

func emptyMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}
