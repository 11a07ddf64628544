package main

import (
	"net/http"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

const healthPath = "/healthz"

// healthz answers supervisors: 200 when the core serves, 503 when it does not or cannot be reached.
func (g *gateway) healthz(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	answer, err := g.health.Check(r.Context(), &healthv1.HealthCheckRequest{})
	if err == nil && answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		err = &fault{
			http: http.StatusServiceUnavailable, code: codes.Unavailable, reason: "NOT_SERVING",
			message: "the server does not serve; /api/v1/system/health says what is wrong",
		}
	}
	if err != nil {
		g.writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"status":"SERVING"}`))
}
