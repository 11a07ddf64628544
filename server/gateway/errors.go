package main

import (
	"context"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	rpccode "google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// protojsonPrefix is what protobuf-go puts before its messages, on purpose with varying spaces.
var protojsonPrefix = regexp.MustCompile(`^proto:[\s\x{a0}]*`)

// writeError answers a request with an error, be it of the core, of grpc-gateway or of the gateway itself.
func (g *gateway) writeError(w http.ResponseWriter, r *http.Request, err error) {
	code, st := describe(r, err)
	if code >= http.StatusInternalServerError {
		g.log.Warn("request failed", "method", r.Method, "path", r.URL.Path, "status", code, "error", st.GetMessage())
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	switch code {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `ApiKey realm="clipshot", header="X-API-Key"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		header.Set("Retry-After", strconv.Itoa(retrySeconds(st)))
	}
	w.WriteHeader(code)
	_, _ = w.Write(statusJSON(st))
}

// handleError is writeError in the shape grpc-gateway asks for.
func (g *gateway) handleError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	g.writeError(w, r, err)
}

// handleRoutingError answers requests that no route takes.
func (g *gateway) handleRoutingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	switch code {
	case http.StatusMethodNotAllowed:
		g.writeMethodNotAllowed(w, r)
	case http.StatusNotFound:
		g.writeError(w, r, noSuchRoute(r))
	default:
		g.writeError(w, r, &fault{
			http: code, code: codes.InvalidArgument, reason: "MALFORMED_REQUEST", message: "the path cannot be read",
		})
	}
}

func noSuchRoute(r *http.Request) *fault {
	return &fault{
		http: http.StatusNotFound, code: codes.NotFound, reason: "ROUTE_NOT_FOUND",
		message:  "nothing is served at this path; /docs lists what is",
		metadata: map[string]string{"path": r.URL.Path},
	}
}

// describe answers the HTTP status and the body for an error. Errors of the core carry an ErrorInfo and pass as they
// are; what comes without one was made on this side of the socket and gets one here.
func describe(r *http.Request, err error) (int, *spb.Status) {
	var own *fault
	if errors.As(err, &own) {
		return own.http, own.status()
	}
	var routed *runtime.HTTPStatusError
	if errors.As(err, &routed) {
		err = status.Error(codes.InvalidArgument, routed.Err.Error())
	}
	st := status.Convert(err)
	if hasErrorInfo(st.Proto()) {
		return runtime.HTTPStatusFromCode(st.Code()), st.Proto()
	}
	own = adopt(st, r)
	return own.http, own.status()
}

// adopt makes a fault of a bare gRPC status.
func adopt(st *status.Status, r *http.Request) *fault {
	f := &fault{
		http: runtime.HTTPStatusFromCode(st.Code()), code: st.Code(), message: st.Message(),
		reason: rpccode.Code(st.Code()).String(),
	}
	switch {
	case bodyWasTooLarge(r):
		return bodyTooLarge()
	case f.code == codes.InvalidArgument:
		f.reason, f.message = "MALFORMED_REQUEST", protojsonPrefix.ReplaceAllString(f.message, "")
	case f.code == codes.Unavailable:
		// grpc-go's own text names the socket, which is nobody's business.
		f.reason, f.message = "CORE_UNAVAILABLE", "the server is starting or not running; try again in a second"
	}
	return f
}

func hasErrorInfo(st *spb.Status) bool {
	for _, detail := range st.GetDetails() {
		if detail.MessageIs((*errdetails.ErrorInfo)(nil)) {
			return true
		}
	}
	return false
}

// retrySeconds answers the delay that the core's RetryInfo asks for, in whole seconds, 1 without one.
func retrySeconds(st *spb.Status) int {
	for _, detail := range st.GetDetails() {
		var info errdetails.RetryInfo
		if detail.MessageIs(&info) && detail.UnmarshalTo(&info) == nil {
			return max(1, int(math.Ceil(info.GetRetryDelay().AsDuration().Seconds())))
		}
	}
	return 1
}

// statusJSON renders an error; details of types unknown here are left out.
func statusJSON(st *spb.Status) []byte {
	body, err := wireJSON.Marshal(st)
	if err == nil {
		return body
	}
	known := proto.CloneOf(st)
	known.Details = nil
	for _, detail := range st.GetDetails() {
		if _, err := detail.UnmarshalNew(); err == nil {
			known.Details = append(known.Details, detail)
		}
	}
	if body, err = wireJSON.Marshal(known); err != nil {
		return []byte(`{"code":13,"message":"the error cannot be shown","details":[]}`)
	}
	return body
}
