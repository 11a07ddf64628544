package main

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
)

// accessPolicy says by which names this machine may be called and from which origins. It is what keeps a page of a
// foreign site, which every browser would let send requests here, from using the server.
type accessPolicy struct {
	hosts   map[string]bool
	origins map[string]bool
}

func newAccessPolicy(hosts, origins []string) *accessPolicy {
	policy := &accessPolicy{
		hosts:   map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true},
		origins: map[string]bool{},
	}
	for _, host := range hosts {
		policy.hosts[hostName(host)] = true
	}
	for _, origin := range origins {
		policy.origins[strings.TrimSuffix(strings.ToLower(origin), "/")] = true
	}
	return policy
}

// guard refuses requests to foreign host names (DNS rebinding) and from foreign origins, answers preflights, and lets
// the configured origins read answers; by the policy that holds when a request comes.
func guard(g *gateway, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := g.policy.Load()
		if !p.hosts[hostName(r.Host)] {
			g.writeError(w, r, &fault{
				http: http.StatusForbidden, code: codes.PermissionDenied, reason: "HOST_NOT_ALLOWED",
				message:  "this server does not answer to that host name; call it 127.0.0.1 or localhost, or add the name to the setting ALLOWED_HOSTS",
				metadata: map[string]string{"host": r.Host},
			})
			return
		}
		origin := r.Header.Get("Origin")
		allowed := p.origins[strings.ToLower(origin)]
		if !allowed && !isOwnOrigin(origin, r.Host) && !isHarmless(r) {
			g.writeError(w, r, &fault{
				http: http.StatusForbidden, code: codes.PermissionDenied, reason: "ORIGIN_NOT_ALLOWED",
				message:  "pages of that origin may not call this server; list it in the setting CORS_ORIGINS",
				metadata: map[string]string{"origin": origin},
			})
			return
		}
		w.Header().Add("Vary", "Origin")
		if allowed {
			allowOrigin(w.Header(), origin)
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				answerPreflight(w, g.allowedMethods(r.URL.EscapedPath()))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// isHarmless tells a request that any page may cause anyway: a plain GET whose answer only its caller's key opens.
func isHarmless(r *http.Request) bool {
	_, err := r.Cookie(loginCookie)
	return r.Method == http.MethodGet && err != nil
}

// isOwnOrigin tells whether an Origin header is absent or names this server itself.
func isOwnOrigin(origin, host string) bool {
	if origin == "" {
		return true
	}
	parsed, err := url.Parse(origin)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && strings.EqualFold(parsed.Host, host)
}

func allowOrigin(header http.Header, origin string) {
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers",
		"Location, X-Next-Page-Token, X-Operation-Id, ETag, Accept-Ranges, Content-Range, Retry-After")
}

func answerPreflight(w http.ResponseWriter, methods []string) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
	header.Set("Access-Control-Allow-Headers",
		"Content-Type, X-API-Key, Authorization, Last-Event-ID, Range, If-None-Match, X-Request-Id")
	header.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// hostName answers the host of "host", "host:port" or "[address]:port", in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// sortedUnique answers the methods in order, each once.
func sortedUnique(methods []string) []string {
	slices.Sort(methods)
	return slices.Compact(methods)
}
