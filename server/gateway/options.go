package main

import (
	"errors"
	"flag"
	"io"
	"strings"
)

// options are the command line of the gateway, as the core writes it.
type options struct {
	upstream   string   // gRPC target of the core, e.g. unix:/run/user/1000/clipshot/core.sock
	listenFD   int      // descriptor of a listening TCP socket
	assets     string   // folder to serve instead of the embedded one; empty for the embedded one
	origins    []string // foreign origins that may call with credentials
	hosts      []string // names of this machine beside the loopback ones
	stdinGuard bool     // obey orders on stdin, and end when it closes
}

func parseOptions(args []string, output io.Writer) (options, error) {
	var opts options
	var origins, hosts string
	flags := flag.NewFlagSet("clipshot-gateway", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&opts.upstream, "upstream", "", "gRPC `target` of the core, e.g. unix:/path/core.sock")
	flags.IntVar(&opts.listenFD, "listen-fd", -1, "`descriptor` of the listening TCP socket")
	flags.StringVar(&opts.assets, "assets", "", "`folder` to serve instead of the embedded assets")
	flags.StringVar(&origins, "cors", "", "foreign `origins` that may call, separated by commas")
	flags.StringVar(&hosts, "hosts", "", "host `names` to answer to beside loopback, separated by commas")
	flags.BoolVar(&opts.stdinGuard, "stdin-guard", false, "obey orders on stdin, and end when it closes")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if opts.upstream == "" || opts.listenFD < 0 {
		return options{}, errors.New("--upstream and --listen-fd are needed")
	}
	opts.origins, opts.hosts = splitList(origins), splitList(hosts)
	return opts, nil
}

// splitList cuts a list at its commas and drops empty entries.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
