package run

import (
	"os"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/channel"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/files"
)

// maxSecret is the most bytes of a file that holds a key or a URL.
const maxSecret = 4096

// ReadSubscriber reads someone to notify, with the secret that env:NAME or file:PATH
// refers to.
func ReadSubscriber(text string) (plan.Subscriber, error) {
	return plan.ReadSubscriber(text, channel.Secrets{Env: os.LookupEnv, File: func(path string) ([]byte, error) {
		data, err := files.ReadRegular(path, maxSecret)
		if err != nil {
			return nil, files.Named(path, err)
		}
		return data, nil
	}})
}

// Routes returns the routes of a configuration, with the secrets of their subscribers.
func Routes(conf *config.File) ([]plan.Route, error) {
	out := RouteTopics(conf)
	for i, r := range conf.Notify.Routes {
		route := &out[i]
		for _, text := range r.Subscribe {
			s, err := ReadSubscriber(text)
			if err != nil {
				return nil, err
			}
			route.Subscribers = append(route.Subscribers, s)
		}
	}
	return out, nil
}

// RouteTopics are the routes of a configuration without their subscribers, whose secrets
// nobody needs to remove a topic.
func RouteTopics(conf *config.File) []plan.Route {
	var out []plan.Route
	for _, r := range conf.Notify.Routes {
		out = append(out, plan.Route{Controls: r.Controls, Severities: r.Severities, TopicARN: r.TopicARN, TopicName: r.TopicName})
	}
	return out
}
