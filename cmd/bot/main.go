// Bot is Bellhop: an internal developer platform that a team talks to in Slack. This package wires the parts together by
// hand, one file a subcommand.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // a container from scratch has no time zones of its own

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends it at once
	code := run(ctx, os.Args[1:], terminal{out: os.Stdout, err: os.Stderr, env: os.Getenv})
	stop()
	os.Exit(code)
}

// commands are the binary's subcommands.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Serve a Slack workspace: the real thing."`
	Demo       demoCommand       `cmd:"" help:"Serve a demo company in a simulated Slack and GitHub, with a page to try it in. Needs no tokens."`
	Playground playgroundCommand `cmd:"" help:"Run the simulated Slack and GitHub alone, for developing any Slack bot."`
	Check      checkCommand      `cmd:"" help:"Verify tokens, scopes, channels, workflows and config against the live APIs, and say how to mend what is wrong."`
	Ask        askCommand        `cmd:"" help:"Ask in the terminal what people ask in Slack: bot ask who owns payments."`
	Catalog    catalogCommands   `cmd:"" help:"Find, show, export and lint what is in the catalog."`
	Report     reportCommands    `cmd:"" help:"Read test reports."`
	Manifest   manifestCommand   `cmd:"" help:"Print the Slack app manifest, with the fewest scopes that do."`
	Health     healthCommand     `cmd:"" help:"Tell whether the serving process is well, for container health checks."`
	Backup     backupCommand     `cmd:"" help:"Copy the SQLite database while it is in use."`
	Version    versionCommand    `cmd:"" help:"Print which Bellhop this is."`
	Draw       drawCommand       `cmd:"" hidden:"" help:"Draw a diagram that comes as JSON, as PNG: what Bellhop calls itself for."`
}

// terminal is what a command reads and writes besides its flags.
type terminal struct {
	out, err io.Writer
	env      func(string) string
}

// exit is how kong ends the program after --help; run turns it into a code.
type exit int

// run does what the arguments say and gives the process's exit code: 0 well, 1 something went wrong, 2 wrong usage.
func run(ctx context.Context, args []string, t terminal) (code int) {
	defer func() {
		if p := recover(); p != nil {
			asked, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(asked)
		}
	}()
	parser, err := newParser(t)
	if err != nil {
		say(t.err, "bot: %v", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		say(t.err, "bot: %v\nTry bot --help, or bot COMMAND --help.", err)
		return 2
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(t); err != nil {
		var wrong *problems
		if errors.As(err, &wrong) {
			say(t.err, "%v", wrong)
			return 1
		}
		say(t.err, "bot: %v", err)
		return 1
	}
	return 0
}

// newParser is the grammar of the command line.
func newParser(t terminal) (*kong.Kong, error) {
	return kong.New(&commands{},
		kong.Name("bot"),
		kong.Description("Bellhop is an internal developer platform that a team talks to in Slack.\n\n"+
			"New here? Run \"bot demo\" and open the page that it names."),
		kong.Writers(t.out, t.err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.ValueFormatter(describe),
	)
}

// describe is a flag's help with its default and its variable.
func describe(v *kong.Value) string {
	text := v.Help
	if v.HasDefault && v.Default != "" && v.Default != "false" && v.Default != "0" {
		text += " Default: " + v.Default + "."
	}
	if len(v.Tag.Envs) > 0 {
		text += " [" + strings.Join(v.Tag.Envs, ", ") + "]"
	}
	return text
}

// say writes one line for people. Where even that fails, there is nobody to tell.
func say(to io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(to, format+"\n", args...) }
