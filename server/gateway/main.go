// Command clipshot-gateway serves ClipShot over HTTP: REST, event streams, media with ranges, the documentation and
// the page at /. It keeps no state and holds no secret; the core, reached over gRPC on a unix socket, decides everything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process around it. It answers the exit code: 0 after a graceful stop, 2 for wrong options,
// 1 when the gateway cannot serve.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "clipshot-gateway:", err)
		return 2
	}
	logger := slog.New(slog.NewJSONHandler(stderr, nil))

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, opts, stdin, stdout, logger); err != nil {
		logger.Error("cannot serve", "error", err.Error())
		return 1
	}
	return 0
}
