package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// satisfyFlags say which other auditors count.
type satisfyFlags struct {
	peers []string
	noise bool
}

// addPeers adds --satisfy alone.
func (f *satisfyFlags) addPeers(c *cobra.Command, usage string) {
	var known []string
	for _, p := range catalog.AllPeers() {
		known = append(known, string(p))
	}
	c.Flags().StringSliceVar(&f.peers, "satisfy", nil, usage+": "+strings.Join(known, ", "))
	complete(c, "satisfy", func() []string { return known })
}

func (f *satisfyFlags) add(c *cobra.Command) {
	f.addPeers(c, "add the filters that these other auditors look for, on the same metric, comma-separated")
	c.Flags().BoolVar(&f.noise, "satisfy-noise", false, "with --satisfy: also filters that match events beyond the control; the plan shows the price")
}

// asked returns the auditors in the order of reports.
func (f *satisfyFlags) asked() ([]catalog.Peer, error) {
	peers, err := catalog.ParsePeers(f.peers)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("--satisfy: %w", err))
	}
	return peers, nil
}

// wish is what the flags ask of a plan.
func (f *satisfyFlags) wish() (desired.Satisfy, error) {
	peers, err := f.asked()
	return desired.Satisfy{Peers: peers, Noise: f.noise}, err
}
