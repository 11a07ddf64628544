package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// unknownParameter names a query parameter that no field of the called method has; a misspelt filter would otherwise
// answer everything. Empty when all are known, or when no route of the contract matches.
func (g *gateway) unknownParameter(r *http.Request) string {
	if r.URL.RawQuery == "" {
		return ""
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
				return name
			}
		}
		return ""
	}
	return ""
}

func parameterUnknown(name string) *fault {
	return &fault{
		http: http.StatusBadRequest, code: codes.InvalidArgument, reason: "PARAMETER_UNKNOWN",
		message:  "this path knows no parameter " + name + "; /docs lists those it knows",
		metadata: map[string]string{"parameter": name},
	}
}
