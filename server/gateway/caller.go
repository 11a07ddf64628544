package main

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc/metadata"
)

const (
	loginCookie = "clipshot_login"
	// Longest value handed on; the core's gRPC server refuses metadata over 8 KiB in all.
	maxCallerValue = 4 << 10
)

type callerKey struct{}

// withCaller notes in the request's context what the core needs to know of its caller: credentials, which the core
// checks and the gateway never looks at, and where the request came from.
func withCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller := metadata.MD{}
		note := func(key, value string) {
			if value != "" && len(value) <= maxCallerValue && isPrintable(value) {
				caller.Set(key, value)
			}
		}
		note("x-clipshot-method", r.Method)
		note("x-api-key", apiKey(r))
		note("last-event-id", r.Header.Get("Last-Event-ID"))
		note("x-request-id", r.Header.Get("X-Request-Id"))
		if cookie, err := r.Cookie(loginCookie); err == nil {
			note("x-clipshot-cookie", cookie.Value)
		}
		if isSigned(r) {
			note("x-clipshot-signed", r.URL.EscapedPath()+"?"+r.URL.RawQuery)
			query := r.URL.Query()
			query.Del("sig")
			query.Del("expires")
			r = withQuery(r, query.Encode())
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	})
}

// callerOf answers the metadata that withCaller noted; nil for a call that no request caused.
func callerOf(ctx context.Context) metadata.MD {
	caller, _ := ctx.Value(callerKey{}).(metadata.MD)
	return caller
}

// apiKey answers the key a caller sent, in X-API-Key or as a bearer token.
func apiKey(r *http.Request) string {
	if key := r.Header.Get("X-API-Key"); key != "" {
		return key
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

// isSigned tells a signed link; only reading can be signed.
func isSigned(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Query().Has("sig")
}

// isPrintable tells whether gRPC metadata can carry a value.
func isPrintable(value string) bool {
	return strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// withQuery answers a copy of a request with another query.
func withQuery(r *http.Request, query string) *http.Request {
	target := *r.URL
	target.RawQuery = query
	changed := *r
	changed.URL = &target
	return &changed
}
