package main

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// codeMetadata is the metadata key by which the core overrides the status of one answer.
const codeMetadata = "x-http-code"

// writeCode sets the HTTP status of a successful answer: what the core says in x-http-code, else the method's
// success_code, else 200.
func writeCode(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	code := coreCode(ctx)
	if code == 0 {
		code = successCode(ctx)
	}
	if code == 0 {
		return nil
	}
	if code == http.StatusNoContent {
		w.Header().Del("Content-Type")
	}
	w.WriteHeader(code)
	return nil
}

func coreCode(ctx context.Context) int {
	md, _ := runtime.ServerMetadataFromContext(ctx)
	values := md.HeaderMD.Get(codeMetadata)
	if len(values) == 0 {
		return 0
	}
	code, err := strconv.Atoi(values[0])
	if err != nil || code < 200 || code > 599 {
		return 0
	}
	return code
}

func successCode(ctx context.Context) int {
	name, _ := runtime.RPCMethod(ctx) // "/package.Service/Method"
	full := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", "."))
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(full)
	if err != nil {
		return 0
	}
	rpc, ok := descriptor.(protoreflect.MethodDescriptor)
	if !ok {
		return 0
	}
	return int(httpFacts(rpc).GetSuccessCode())
}
