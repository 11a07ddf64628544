package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	maxHeaderBytes    = 32 << 10
	readHeaderTimeout = 5 * time.Second
	idleTimeout       = 2 * time.Minute
	// The core kills a gateway that is still there 2 s after its stdin closed.
	drainTime = 1500 * time.Millisecond
)

// serve answers requests on the handed-over socket until ctx ends, then lets the open ones finish within drainTime.
// It writes the line "ready" to announce once requests are answered. With the stdin guard it obeys the core's orders and
// ends with them.
func serve(ctx context.Context, opts options, orders io.Reader, announce io.Writer, logger *slog.Logger) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listener, err := inheritListener(opts.listenFD)
	if err != nil {
		return err
	}
	files, err := openAssets(opts.assets)
	if err != nil {
		return err
	}
	conn, err := dialCore(opts.upstream)
	if err != nil {
		return err
	}
	defer conn.Close()
	live, err := dialCoreForPictures(opts.upstream)
	if err != nil {
		return err
	}
	defer live.Close()
	handler, err := newGateway(ctx, conn, live, files, newAccessPolicy(opts.hosts, opts.origins), logger)
	if err != nil {
		return err
	}
	// No read or write timeout: streams stay open for days, and media is read at the speed of playback.
	server := &http.Server{
		Handler:           handler,
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		ConnContext:       withConnection,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}

	stopped := make(chan struct{})
	context.AfterFunc(ctx, func() {
		defer close(stopped)
		// Streams end by ctx themselves; what is left after the drain time is cut off.
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if server.Shutdown(drain) != nil {
			_ = server.Close()
		}
	})
	if _, err := fmt.Fprintln(announce, "ready"); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	if opts.stdinGuard {
		go func() {
			defer stop()
			obey(orders, announce, handler)
		}()
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

// inheritListener makes a listener of a descriptor that the parent process handed over. The parent keeps its own copy,
// so address and accept queue outlive this process.
func inheritListener(fd int) (net.Listener, error) {
	file := os.NewFile(uintptr(fd), "listener")
	if file == nil {
		return nil, fmt.Errorf("descriptor %d is not open", fd)
	}
	defer file.Close()
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d is no listening socket: %w", fd, err)
	}
	return listener, nil
}
