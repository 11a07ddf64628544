package main

import (
	_ "embed"
	"net/http"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	systemv1 "clipshot/gateway/gen/clipshot/system/v1"
)

const loginPath = "/login"

//go:embed login_failed.html
var loginFailedPage []byte

// login exchanges the one-time code of a link for the login cookie and goes on to the page.
func (g *gateway) login(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	code := r.URL.Query().Get("code")
	if code == "" || r.Method != http.MethodGet { // HEAD must not use the code up
		writeLoginFailed(w)
		return
	}
	cookie, err := g.access.ExchangeLoginCode(r.Context(), &systemv1.ExchangeLoginCodeRequest{Code: code})
	switch status.Code(err) {
	case codes.OK:
	case codes.Unauthenticated, codes.PermissionDenied, codes.NotFound, codes.InvalidArgument, codes.FailedPrecondition:
		writeLoginFailed(w)
		return
	default:
		g.writeError(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name:     loginCookie,
		Value:    cookie.GetValue(),
		Path:     "/",
		MaxAge:   int(time.Until(cookie.GetExpireTime().AsTime()).Seconds()),
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func writeLoginFailed(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", pagePolicy)
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write(loginFailedPage)
}
