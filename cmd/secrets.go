package cmd

import (
	"os"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/channel"
	"github.com/monitorctl/monitorctl/internal/files"
)

// maxSecret is the most bytes of a file that holds a key or a URL.
const maxSecret = 4096

// readSubscriber reads someone to notify, with the secret that env:NAME or file:PATH
// refers to.
func readSubscriber(text string) (plan.Subscriber, error) {
	return plan.ReadSubscriber(text, channel.Secrets{Env: os.LookupEnv, File: func(path string) ([]byte, error) {
		data, err := files.ReadRegular(path, maxSecret)
		if err != nil {
			return nil, files.Named(path, err)
		}
		return data, nil
	}})
}
