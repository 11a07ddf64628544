package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// unknownParameter names a query parameter that no field of the called method has; a misspelt filter would otherwise
// answer everything. It finds none when all are known, or when no route of the contract matches.
func (g *gateway) unknownParameter(r *http.Request) (name string, found bool) {
	if r.URL.RawQuery == "" {
		return "", false
	}
	path, method := r.URL.EscapedPath(), r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, rt := range g.routes {
		if rt.method != method || rt.rpc == nil || !rt.path.MatchString(path) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
			first, _, _ := strings.Cut(name, ".")
			if first == "sig" || first == "expires" { // of a signed link, which the core judges
				continue
			}
			if rt.rpc.Input().Fields().ByName(protoreflect.Name(first)) == nil {
				return name, true
			}
		}
		return "", false
	}
	return "", false
}

func parameterUnknown(name string) *fault {
	return &fault{
		http: http.StatusBadRequest, code: codes.InvalidArgument, reason: "PARAMETER_UNKNOWN",
		message:  fmt.Sprintf("this path knows no parameter %q; /docs lists those it knows", name),
		metadata: map[string]string{"parameter": strings.ToValidUTF8(name, "\uFFFD")},
	}
}
