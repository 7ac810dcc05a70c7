package permissions

// ForDrill allows, beside what an audit needs, what a drill calls: the test of patterns,
// and with notify the ringing of alarms and what comes of it.
func (p *Policy) ForDrill(s Scope, notify bool) {
	r := Request{Command: Drill}
	for _, o := range joined(needs) {
		switch {
		case o.Name == "logs:TestMetricFilter": // which apply can do without
			p.allow("TestPatterns", o.Actions, s.resources(o.On, r), nil)
		case o.From == Drill && notify:
			p.allow(o.Sid, o.Actions, s.resources(o.On, r), nil)
		}
	}
}
