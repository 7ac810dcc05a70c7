// Package cmd is the command line of monitorctl: one file per verb, each of
// them flags, one call and one report.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log" //nolint:depguard // only to silence what net/http says there
	"syscall"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// Main runs the command line and returns the exit code. It prints each error
// once, in one line, and what to do about it in the next.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	log.SetOutput(io.Discard) // net/http's remarks about servers: what matters is in the errors
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer listen(cancel)()
	out, errs := &stream{w: stdout, cancel: cancel}, &stream{w: stderr, cancel: cancel}
	e := newEnv(console.New(ctx, stdin, out, errs, environ))
	root := newRoot(e)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(errs)
	strictGroups(root)
	var err error
	if len(args) > 0 && otherCommands[args[0]] != "" {
		err = noCommand(root, args) // whatever flags it was given
	} else {
		err = root.ExecuteContext(ctx)
	}
	e.ClearProgress()
	err = outcome(ctx, err, out.failed())
	if err == nil {
		return exit.Done
	}
	if text := err.Error(); text != "" {
		e.Say("monitorctl: %s", text)
	}
	for _, hint := range []string{hintFor(err), laterHint(err)} {
		if hint != "" {
			e.Say("monitorctl: hint: %s", hint)
		}
	}
	return exit.Code(err)
}

// outcome is the error of a run that may have been told to end, or whose output
// could not be written.
func outcome(ctx context.Context, err, unwritten error) error {
	switch {
	case ctx.Err() != nil && isPartial(err):
		return err
	case ctx.Err() != nil && errors.Is(unwritten, syscall.EPIPE):
		return &exit.Error{Code: exit.Interrupted} // as 'head' leaves a pipe: no news
	case ctx.Err() != nil && err != nil:
		return &exit.Error{Code: exit.Interrupted, Err: errors.New("interrupted")}
	case err == nil && unwritten != nil:
		return fmt.Errorf("writing to standard output: %w", unwritten)
	}
	return err
}

// isPartial reports whether err tells how far an apply came: that is said even after
// Ctrl-C, with its own exit code.
func isPartial(err error) bool {
	var partial *change.StoppedError
	return errors.As(err, &partial)
}

// env is what the commands know of the world: the terminal, and who carries out what
// is asked for there.
type env struct {
	*console.Console
	run *run.Runner
}

func newEnv(c *console.Console) *env { return &env{c, run.New(c, versionText())} }

// newRoot builds the whole command tree.
func newRoot(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "monitorctl",
		Short: "Would anyone notice a dangerous change in your cloud account?",
		Long: `monitorctl follows the chain that the CIS AWS Foundations Benchmark asks for

    event -> trail -> log group -> metric filter -> alarm -> topic -> subscriber

by meaning, tells which link is broken and which events are lost, and repairs
exactly that. It does the same for Azure activity log alerts.`,
		Example: `  monitorctl demo
  monitorctl audit --profile prod
  monitorctl apply --home-region eu-central-1 --subscribe email:security@example.com`,
		Version:       versionText(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(
		newAudit(e), newPlan(e), newApply(e), newExport(e), newUndo(e), newDestroy(e), newExplain(e), newSnapshot(e), newDrill(e),
		newDiff(e), newMerge(e), newReplay(e), newControls(e), newChannels(e), newSubscribers(e), newPattern(e), newPermissions(e), newDemo(e), newVersion(e),
	)
	addHelp(root)
	completeAll(root)
	return root
}
