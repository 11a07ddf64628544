package main

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	optionsv1 "clipshot/gateway/gen/clipshot/options/v1"
)

const ownPackages = "clipshot."

// route is one HTTP method at one path.
type route struct {
	method   string
	template string // path template as google.api.http writes it
	body     string // field that the request body fills, "*" for the whole request
	rpc      protoreflect.MethodDescriptor
	path     *regexp.Regexp
}

// templateField matches a variable of a path template: {name} or {name=**}.
var templateField = regexp.MustCompile(`\{[^}=]+(=[^}]+)?\}`)

func newRoute(method, template, body string, rpc protoreflect.MethodDescriptor) (route, error) {
	var pattern strings.Builder
	rest := template
	for {
		at := templateField.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		pattern.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		if at[2] < 0 {
			pattern.WriteString(`[^/]+`)
		} else {
			pattern.WriteString(`.+`)
		}
		rest = rest[at[1]:]
	}
	pattern.WriteString(regexp.QuoteMeta(rest))
	path, err := regexp.Compile("^" + pattern.String() + "$")
	return route{method: method, template: template, body: body, rpc: rpc, path: path}, err
}

// isStream tells a route whose answer has no end of its own.
func (rt route) isStream() bool {
	return rt.rpc != nil && rt.rpc.IsStreamingServer()
}

// isEventStream tells a route whose answer is an event stream.
func (rt route) isEventStream() bool {
	return rt.rpc != nil && httpFacts(rt.rpc).GetSse()
}

// apiRoutes reads all routes out of the http rules of the contract.
func apiRoutes() ([]route, error) {
	var routes []route
	var failed error
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), ownPackages) {
			return true
		}
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				found, err := methodRoutes(methods.Get(j))
				routes, failed = append(routes, found...), errors.Join(failed, err)
			}
		}
		return true
	})
	return routes, failed
}

func methodRoutes(rpc protoreflect.MethodDescriptor) ([]route, error) {
	rule, _ := proto.GetExtension(rpc.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil, nil
	}
	var routes []route
	for _, binding := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		method, template := httpPattern(binding)
		rt, err := newRoute(method, template, binding.GetBody(), rpc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rpc.FullName(), err)
		}
		routes = append(routes, rt)
	}
	return routes, nil
}

func httpPattern(rule *annotations.HttpRule) (method, template string) {
	switch pattern := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, pattern.Get
	case *annotations.HttpRule_Put:
		return http.MethodPut, pattern.Put
	case *annotations.HttpRule_Post:
		return http.MethodPost, pattern.Post
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, pattern.Delete
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, pattern.Patch
	default:
		return rule.GetCustom().GetKind(), rule.GetCustom().GetPath()
	}
}

// httpFacts answers the contract's own option of a method; nil, whose getters answer zero values, when it has none.
func httpFacts(rpc protoreflect.MethodDescriptor) *optionsv1.HttpFacts {
	facts, _ := proto.GetExtension(rpc.Options(), optionsv1.E_HttpFacts).(*optionsv1.HttpFacts)
	return facts
}

// allowedMethods lists the methods that a path answers to; none when nothing is served there.
func (g *gateway) allowedMethods(path string) []string {
	var methods []string
	for _, rt := range g.routes {
		if !rt.path.MatchString(path) {
			continue
		}
		methods = append(methods, rt.method)
		if rt.method == http.MethodGet && !rt.isStream() {
			methods = append(methods, http.MethodHead)
		}
	}
	if len(methods) == 0 && !isAPI(path) && g.site.serves(path) {
		methods = append(methods, http.MethodGet, http.MethodHead)
	}
	if len(methods) > 0 {
		methods = append(methods, http.MethodOptions)
	}
	return sortedUnique(methods)
}

func (g *gateway) writeMethodNotAllowed(w http.ResponseWriter, r *http.Request) {
	allowed := strings.Join(g.allowedMethods(r.URL.EscapedPath()), ", ")
	w.Header().Set("Allow", allowed)
	g.writeError(w, r, &fault{
		http: http.StatusMethodNotAllowed, code: codes.Unimplemented, reason: "METHOD_NOT_ALLOWED",
		message:  r.Method + " is not answered here; allowed: " + allowed,
		metadata: map[string]string{"method": r.Method, "allow": allowed},
	})
}
