package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// notify reads who to notify.
func (r reader) notify(n ast.Node, f *File) {
	m := r.Mapping(n, "notify", "topic", "subscribe", "routes")
	out := &f.Notify
	if m.Has("topic") {
		if arn, name := r.topic(m, "topic"); name != "" {
			r.ownTopicName(m, name, f)
		} else {
			out.TopicARN = arn
		}
	}
	out.Subscribe = r.subscribers(m)
	seen := map[string]string{}
	for _, item := range m.List("routes") {
		route := r.route(item)
		if !r.OK() {
			return
		}
		topic := route.TopicARN + route.TopicName
		told := fmt.Sprintf("%q", route.Subscribe)
		if have, twice := seen[topic]; twice && have != told {
			r.Fail(yamlfile.PlaceOf(item), "give the topic the same subscribers in each route", "topic %s has two different lists of subscribers", topic)
			return
		}
		seen[topic] = told
		out.Routes = append(out.Routes, route)
	}
	r.atMost(m, out.Routes)
}

// ownTopicName takes a name under notify for names.topic.
func (r reader) ownTopicName(m yamlfile.Mapping, name string, f *File) {
	if f.Names.Topic != "" && f.Names.Topic != name {
		r.Fail(m.PlaceOfKey("topic"), "leave one of them out", "notify.topic and names.topic name two topics")
	}
	f.Names.Topic = name
}

// route reads who to notify of some controls.
func (r reader) route(n ast.Node) Route {
	m := r.Mapping(n, "a route", "controls", "severity", "topic", "topicArn", "subscribe")
	var out Route
	if m.Has("controls") == m.Has("severity") {
		r.Fail(yamlfile.PlaceOf(n), "", "a route has either controls or severity")
	}
	if m.Has("topic") == m.Has("topicArn") {
		r.Fail(yamlfile.PlaceOf(n), "", "a route has either topic or topicArn")
	}
	for _, item := range m.List("controls") {
		out.Controls = append(out.Controls, r.control(item, "controls"))
	}
	for _, name := range r.texts(m, "severity") {
		s, err := catalog.ParseSeverity(name)
		if err != nil {
			r.unknown(m.Values["severity"], "severity", name, []string{"low", "medium", "high", "critical"})
		}
		out.Severities = append(out.Severities, s)
	}
	key := "topic"
	if m.Has("topicArn") {
		key = "topicArn"
	}
	if r.OK() {
		out.TopicARN, out.TopicName = r.topic(m, key)
		if key == "topicArn" && out.TopicName != "" {
			r.Fail(m.PlaceOfKey(key), "topic names a topic that apply creates", "%q is not the ARN of an SNS topic", out.TopicName)
		}
	}
	out.Subscribe = r.subscribers(m)
	return out
}

// topic reads the ARN of an existing topic, or the name of one that apply makes.
func (r reader) topic(m yamlfile.Mapping, key string) (arn, name string) {
	text := m.Text(key)
	if !r.OK() {
		return "", ""
	}
	if parsed, ok := account.ParseARN(text); ok && parsed.Service == "sns" {
		return text, ""
	}
	if strings.HasPrefix(text, "arn:") {
		r.Fail(m.PlaceOfKey(key), "it looks like arn:aws:sns:eu-central-1:111122223333:alerts", "%q is not the ARN of an SNS topic", text)
	} else if err := plan.CheckNames(plan.Options{TopicName: text}); err != nil {
		r.Fail(m.PlaceOfKey(key), "", "%v", err)
	}
	return "", text
}

func (r reader) subscribers(m yamlfile.Mapping) []string {
	var out []string
	for _, item := range m.List("subscribe") {
		text := r.Line(item, "subscribe")
		if _, err := plan.ParseSubscriber(text); r.OK() && err != nil {
			r.Fail(yamlfile.PlaceOf(item), hintOf(err), "%v", err)
		}
		out = append(out, text)
	}
	return out
}

func hintOf(err error) string {
	if h, ok := err.(interface{ Hint() string }); ok {
		return h.Hint()
	}
	return ""
}

// atMost fails where the alarm of a control would notify more topics than it can.
func (r reader) atMost(m yamlfile.Mapping, routes []Route) {
	if !r.OK() {
		return
	}
	for _, c := range r.cat.Controls {
		for kind, fits := range map[string]func(Route) bool{
			"name control " + c.ID:                    func(x Route) bool { return slices.Contains(x.Controls, c.ID) },
			"are for severity " + c.Severity.String(): func(x Route) bool { return slices.Contains(x.Severities, c.Severity) },
		} {
			n := 0
			for _, x := range routes {
				if fits(x) {
					n++
				}
			}
			if n > plan.MaxTopics {
				r.Fail(m.PlaceOfKey("routes"), "", "%d routes %s, and an alarm notifies %d topics", n, kind, plan.MaxTopics)
				return
			}
		}
	}
}
