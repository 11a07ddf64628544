package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	capturev1 "clipshot/gateway/gen/clipshot/capture/v1"
	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
	configv1 "clipshot/gateway/gen/clipshot/config/v1"
	eventsv1 "clipshot/gateway/gen/clipshot/events/v1"
	operationsv1 "clipshot/gateway/gen/clipshot/operations/v1"
	systemv1 "clipshot/gateway/gen/clipshot/system/v1"
)

// wireJSON is how every message is written: unset scalars are emitted, absent optionals are not. The names come from
// the descriptors, which carry those of the REST face; google.rpc, which keeps its own, is told by UseProtoNames.
var wireJSON = protojson.MarshalOptions{EmitDefaultValues: true, UseProtoNames: true}

// outgoingHeaders are the metadata keys of the core that become headers of the answer.
var outgoingHeaders = map[string]string{
	"location":          "Location",
	"x-next-page-token": "X-Next-Page-Token",
	"x-operation-id":    "X-Operation-Id",
}

func (g *gateway) newMux() *runtime.ServeMux {
	json := &runtime.JSONPb{MarshalOptions: wireJSON, UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false}}
	nothing := func(string) (string, bool) { return "", false }
	return runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.HTTPBodyMarshaler{Marshaler: json}),
		// What the core learns of a request is withCaller's business alone.
		runtime.WithIncomingHeaderMatcher(nothing),
		runtime.WithOutgoingHeaderMatcher(func(key string) (string, bool) {
			name, ok := outgoingHeaders[key]
			return name, ok
		}),
		runtime.WithOutgoingTrailerMatcher(nothing),
		runtime.WithForwardResponseOption(writeCode),
		runtime.WithErrorHandler(g.handleError),
		runtime.WithRoutingErrorHandler(g.handleRoutingError),
		// A method is what the request line says: no override by header, no GET out of a form that any page can post.
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptSlash),
		runtime.WithWriteContentLength(),
	)
}

func (g *gateway) registerServices(ctx context.Context) error {
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		systemv1.RegisterSystemServiceHandler,
		systemv1.RegisterAccessServiceHandler,
		eventsv1.RegisterEventServiceHandler,
		operationsv1.RegisterOperationsServiceHandler,
		capturev1.RegisterCaptureServiceHandler,
		clipsv1.RegisterClipServiceHandler,
		configv1.RegisterConfigServiceHandler,
	} {
		if err := register(ctx, g.api, g.conn); err != nil {
			return err
		}
	}
	return nil
}

// registerOwnRoutes adds what the contract cannot say: files, and health for supervisors.
func (g *gateway) registerOwnRoutes() error {
	var failed error
	for template, handler := range map[string]runtime.HandlerFunc{
		healthPath:                          g.healthz,
		"/api/v1/clips/{clip_id}/media":     g.media(clipsv1.ResolveMediaRequest_KindEnum_media),
		"/api/v1/clips/{clip_id}/thumbnail": g.media(clipsv1.ResolveMediaRequest_KindEnum_thumbnail),
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			rt, err := newRoute(method, template, "", nil)
			g.routes = append(g.routes, rt)
			failed = errors.Join(failed, err, g.api.HandlePath(method, template, handler))
		}
	}
	return failed
}
