package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"clipshot/gateway/gen"
	capturev1 "clipshot/gateway/gen/clipshot/capture/v1"
	clipsv1 "clipshot/gateway/gen/clipshot/clips/v1"
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
	for _, register := range gen.Services {
		if err := register(ctx, g.api, g.conn); err != nil {
			return err
		}
	}
	return nil
}

// registerEventStreams serves the methods that the contract marks `sse` as event streams, whatever Accept says. It takes
// them over from the generated handlers, whose streams are JSON lines.
func (g *gateway) registerEventStreams() error {
	for _, rt := range g.routes {
		if !rt.isEventStream() {
			continue
		}
		if rt.method != http.MethodGet || rt.body != "" || !rt.isStream() {
			return fmt.Errorf("%s: an event stream is a server stream bound to GET", rt.rpc.FullName())
		}
		if err := g.serveStream(rt.template, rt.rpc, g.conn, eventFrames); err != nil {
			return err
		}
	}
	return nil
}

// registerLiveStreams adds the streams of pictures, whose bodies the contract cannot describe.
func (g *gateway) registerLiveStreams() error {
	methods := capturev1.File_clipshot_capture_v1_capture_service_proto.Services().ByName("CaptureService").Methods()
	var failed error
	for template, stream := range map[string]struct {
		rpc    protoreflect.Name
		format streamFormat
	}{
		"/api/v1/capture/sessions/{session_id}/live.mp4":     {"StreamChunks", liveMP4},
		"/api/v1/capture/sessions/{session_id}/preview.h264": {"StreamPreview", previewRecords},
	} {
		rpc := methods.ByName(stream.rpc)
		rt, err := newRoute(http.MethodGet, template, "", rpc)
		g.routes = append(g.routes, rt)
		failed = errors.Join(failed, err, g.serveStream(template, rpc, g.live, stream.format))
	}
	return failed
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
