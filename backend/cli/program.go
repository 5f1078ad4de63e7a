package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/app"
	"antigravity-tools/backend/fault"
)

// Program is what main gives to the commands.
type Program struct {
	Version string
	Console fs.FS
	// Window opens the window and returns when it closes; nil in the server build.
	Window func(ctx context.Context, opts app.Options) error
	Args   []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer

	// connector replaces connect in tests.
	connector func(ctx context.Context) (service, error)
}

// usageError is a mistake in the command line itself: exit code 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// exitError ends with a code and prints nothing more: the command has already said what it found.
type exitError struct{ code int }

func (exitError) Error() string { return "" }

// env is what every command works with.
type env struct {
	Program
	dataDir   string
	demo      bool
	logLevel  string
	logFormat string
}

// Main runs the command line and returns the exit code. It ends early when the context does.
func Main(ctx context.Context, p Program) int {
	e := &env{Program: p}
	root := e.root()
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	started := false
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		started = true
		return e.checkGlobals()
	}
	err := root.ExecuteContext(ctx)
	return e.exitCode(err, started)
}

func (e *env) exitCode(err error, started bool) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[exitError](err); ok {
		return exit.code
	}
	if _, ok := errors.AsType[usageError](err); ok || !started {
		fmt.Fprintf(e.Stderr, "error: %s\nRun with --help to see how it is used.\n", strings.TrimSpace(err.Error()))
		return 2
	}
	fmt.Fprintln(e.Stderr, "error: "+describe(err))
	return 1
}

// describe makes the one line of an error: what happened and what to do next.
func describe(err error) string {
	pub := fault.Public(err)
	line := strings.TrimSuffix(pub.Message, ".")
	if pub.Hint != "" {
		line += "; " + strings.TrimSuffix(pub.Hint, ".")
	}
	return strings.ReplaceAll(line, "\n", " ")
}

func (e *env) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "antigravity-tools",
		Short: "A local gateway that speaks the OpenAI, Anthropic and Gemini protocols",
		Long: "A local gateway on 127.0.0.1:8045 that speaks the OpenAI, Anthropic and Gemini protocols to coding\n" +
			"clients and relays each call to an upstream through a pool of accounts.",
		Args:          noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if e.Window != nil {
				return e.openWindow(cmd.Context())
			}
			return e.serve(cmd.Context(), serveFlags{})
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	f := root.PersistentFlags()
	f.StringVar(&e.dataDir, "data-dir", "", "directory that holds the database, the keys and run.json")
	f.BoolVar(&e.demo, "demo", false, "the built-in loopback model answers every model name while no account is enabled")
	f.StringVar(&e.logLevel, "log-level", "", "debug, info, warn or error")
	f.StringVar(&e.logFormat, "log-format", "", "text or json")
	root.AddCommand(e.serveCommand(), e.statusCommand(), e.accountCommand(), e.keyCommand(), e.configCommand(), e.clientCommand(),
		e.doctorCommand(), e.usageCommand(), e.dbCommand(), e.passwordCommand(), e.versionCommand())
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" { // cobra's own shows its help, with exit code 0, to what it does not know
			c.RunE = groupOnly
		}
	}
	return root
}

func (e *env) checkGlobals() error {
	var level slog.Level
	if e.logLevel != "" && level.UnmarshalText([]byte(e.logLevel)) != nil {
		return usagef("--log-level must be debug, info, warn or error")
	}
	if e.logFormat != "" && !slices.Contains([]string{"text", "json"}, e.logFormat) {
		return usagef("--log-format must be text or json")
	}
	if e.dataDir != "" {
		return nil
	}
	dir, err := app.DefaultDataDir()
	e.dataDir = dir
	return err
}

func (e *env) appOptions() app.Options {
	return app.Options{
		Version: e.Version, DataDir: e.dataDir, Demo: e.demo, LogLevel: e.logLevel, LogFormat: e.logFormat,
		LogTo: e.Stderr, Console: e.Console,
	}
}

func (e *env) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		Run: func(*cobra.Command, []string) { fmt.Fprintln(e.Stdout, e.Version) },
	}
}

// group is a command that only holds others: without one of them it is wrong usage.
func group(use, short string, children ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, RunE: groupOnly}
	c.AddCommand(children...)
	return c
}

func groupOnly(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s has no command %q", cmd.CommandPath(), args[0])
	}
	return usagef("%s needs one of: %s", cmd.CommandPath(), strings.Join(childNames(cmd), ", "))
}

func childNames(cmd *cobra.Command) []string {
	var names []string
	for _, child := range cmd.Commands() {
		names = append(names, child.Name())
	}
	return names
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s does not know %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// exactly demands named arguments.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usagef("%s takes %s", cmd.CommandPath(), strings.Join(names, " "))
		}
		return nil
	}
}
