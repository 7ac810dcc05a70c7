package alarm

import "errors"

// JudgeMath judges a metric math alarm as Judge does a plain one. The series
// are those of the metrics, by query id: a metric that the event does not reach
// is Quiet, one that nothing writes is Quiet without default value. A metric
// that is not among them is unknown. Of the settings, statistic and period are
// not read: the queries have them.
func JudgeMath(s Settings, queries []Query, in map[string]Series) []Problem {
	s, o := judgeMath(s, queries, in)
	return o.withState(s, State{})
}

// JudgeMathState is to JudgeMath what JudgeState is to Judge.
func JudgeMathState(s Settings, queries []Query, in map[string]Series, state State) []Problem {
	s, o := judgeMath(s, queries, in)
	return o.withState(s, state)
}

// judgeMath returns the settings with the period that the queries have.
func judgeMath(s Settings, queries []Query, in map[string]Series) (Settings, outcome) {
	if s.Threshold == nil {
		// An anomaly band is an expression too, but not one to complain about.
		return s, settled(*s.check())
	}
	m, statistics, err := prepare(queries)
	if err != nil {
		return s, settled(mathProblem(err))
	}
	s.Period = m.period
	if p := s.check(); p != nil {
		return s, settled(*p)
	}
	for _, st := range statistics {
		if st.percentile && s.LowSample == "ignore" {
			return s, settled(lowSample(st))
		}
	}
	sh, err := m.shape(statistics, in)
	if err != nil {
		return s, settled(mathProblem(err))
	}
	one := map[string]Series{}
	for id, series := range in {
		one[id] = series.one()
	}
	usual, err := m.shape(statistics, one)
	if err != nil {
		return s, settled(mathProblem(err))
	}
	return s, judge(s, "the expression", sh, usual)
}

func mathProblem(err error) Problem {
	code := CodeMath
	if e := (*MathError)(nil); errors.As(err, &e) {
		code = e.Code
	}
	return Problem{code, Unknown, err.Error()}
}

// prepared is a program whose metrics have statistics and one common period.
type prepared struct {
	*program
	period int32
}

// prepare compiles the queries and finds the statistics of the metrics that the
// watched one reads, by id.
func prepare(queries []Query) (prepared, map[string]statistic, error) {
	m, err := compile(queries)
	if err != nil {
		return prepared{}, nil, err
	}
	metrics, err := m.metrics()
	if err != nil {
		return prepared{}, nil, err
	}
	p, statistics := prepared{program: m}, map[string]statistic{}
	for _, q := range metrics {
		st, err := findStatistic(q.Statistic)
		if err != nil {
			return p, nil, &MathError{CodeKind, q.ID, err.Error()}
		}
		statistics[q.ID] = st
		if p.period != 0 && q.Period != p.period {
			return p, nil, &MathError{CodeMath, q.ID, "the metrics have different periods"}
		}
		p.period = q.Period
	}
	if len(metrics) == 0 {
		return p, nil, &MathError{CodeMath, m.watched, "it reads no metric"}
	}
	return p, statistics, nil
}

// findStatistic finds a statistic in a query, which has one name for both
// kinds.
func findStatistic(name string) (statistic, error) {
	if st, err := parseStatistic(name, ""); err == nil {
		return st, nil
	}
	return parseStatistic("", name)
}

// shape evaluates the watched query for all kinds of periods.
func (m prepared) shape(statistics map[string]statistic, in map[string]Series) (shape, error) {
	busy := false
	for id := range statistics {
		busy = busy || in[id].Default != nil
	}
	var failed error
	sh := shapeOf(busy, func(events, others float64) datum {
		values := map[string]datum{}
		for id, st := range statistics {
			if series, ok := in[id]; ok {
				values[id] = st.apply(series.samples(events, others))
			}
		}
		d, err := m.compute(values)
		if failed == nil {
			failed = err
		}
		return d
	})
	return sh, failed
}
