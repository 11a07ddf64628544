package main

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
	systemv1 "clipshot/gateway/gen/clipshot/system/v1"
)

// gateway answers HTTP requests by asking the core.
type gateway struct {
	handler http.Handler // the whole chain
	api     *runtime.ServeMux
	site    site
	routes  []route
	conn    *grpc.ClientConn
	live    *grpc.ClientConn // for streams of pictures
	clips   clipsv1.ClipServiceClient
	access  systemv1.AccessServiceClient
	health  healthv1.HealthClient
	policy  atomic.Pointer[accessPolicy] // replaced when the settings change
	stop    context.Context              // ends with the gateway: streams end with it
	// How long a write of a stream waits for its client.
	patience time.Duration
	log      *slog.Logger
}

func newGateway(stop context.Context, conn, live *grpc.ClientConn, files fs.FS, policy *accessPolicy, log *slog.Logger) (*gateway, error) {
	g := &gateway{
		conn:     conn,
		live:     live,
		clips:    clipsv1.NewClipServiceClient(conn),
		access:   systemv1.NewAccessServiceClient(conn),
		health:   healthv1.NewHealthClient(conn),
		site:     site{files: files},
		stop:     stop,
		patience: patience,
		log:      log,
	}
	g.policy.Store(policy)
	routes, err := apiRoutes()
	if err != nil {
		return nil, err
	}
	g.routes = routes
	g.api = g.newMux()
	if err := g.registerServices(stop); err != nil {
		return nil, err
	}
	if err := g.registerEventStreams(); err != nil {
		return nil, err
	}
	if err := g.registerLiveStreams(); err != nil {
		return nil, err
	}
	if err := g.registerOwnRoutes(); err != nil {
		return nil, err
	}
	g.handler = withSafeHeaders(guard(g, withLimitedBody(g, withCaller(withoutTrailingSlash(http.HandlerFunc(g.dispatch))))))
	return g, nil
}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.handler.ServeHTTP(w, r)
}

func (g *gateway) dispatch(w http.ResponseWriter, r *http.Request) {
	if isAPI(r.URL.Path) {
		g.serveAPI(w, r)
		return
	}
	switch {
	case r.Method == http.MethodOptions:
		g.answerOptions(w, r)
	case !g.site.serves(r.URL.Path):
		g.writeError(w, r, noSuchRoute(r))
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		g.writeMethodNotAllowed(w, r)
	case r.URL.Path == loginPath:
		g.login(w, r)
	default:
		g.site.serve(w, r)
	}
}

// metricsPath is where Prometheus looks; the protos bind it to a method.
const metricsPath = "/metrics"

// isAPI tells the paths that the core answers from files and pages.
func isAPI(path string) bool {
	return path == healthPath || path == metricsPath || strings.HasPrefix(path, "/api/")
}

func (g *gateway) serveAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	unknown, isUnknown := g.unknownParameter(r)
	switch {
	case strings.Contains(r.URL.Path+"/", "//"): // grpc-gateway would take an empty segment for an id
		g.writeError(w, r, noSuchRoute(r))
	case r.Method == http.MethodOptions:
		g.answerOptions(w, r)
	case isUnknown:
		g.writeError(w, r, parameterUnknown(unknown))
	case r.Method == http.MethodHead:
		g.serveHead(w, r)
	default:
		g.api.ServeHTTP(w, r)
	}
}

// serveHead answers HEAD as GET; net/http leaves the body out. A stream has no end and so no HEAD, and the
// gateway's own routes answer HEAD themselves.
func (g *gateway) serveHead(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	for _, rt := range g.routes {
		if rt.method == http.MethodGet && rt.rpc != nil && !rt.isStream() && rt.path.MatchString(path) {
			get := *r
			get.Method = http.MethodGet
			g.api.ServeHTTP(w, &get)
			return
		}
	}
	g.api.ServeHTTP(w, r)
}

func (g *gateway) answerOptions(w http.ResponseWriter, r *http.Request) {
	allowed := g.allowedMethods(r.URL.EscapedPath())
	if len(allowed) == 0 {
		g.writeError(w, r, noSuchRoute(r))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	w.WriteHeader(http.StatusNoContent)
}

// withSafeHeaders sets what every answer carries: no guessing of media types, no framing, no leaking of addresses.
func withSafeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// withoutTrailingSlash takes one trailing slash off the path, since no path template can end in one.
func withoutTrailingSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 1 && strings.HasSuffix(r.URL.Path, "/") {
			target := *r.URL
			target.Path = strings.TrimSuffix(target.Path, "/")
			target.RawPath = strings.TrimSuffix(target.RawPath, "/")
			stripped := *r
			stripped.URL = &target
			r = &stripped
		}
		next.ServeHTTP(w, r)
	})
}
