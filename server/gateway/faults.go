package main

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"
)

// errorDomain is the domain of every ErrorInfo, of the core's errors too.
const errorDomain = "clipshot"

// fault is an error that the gateway itself answers with.
type fault struct {
	http     int        // HTTP status
	code     codes.Code // the closest gRPC code
	reason   string     // UPPER_SNAKE, for programs
	message  string     // what is wrong and what to do, for people
	metadata map[string]string
}

// Error implements error.
func (f *fault) Error() string { return f.reason + ": " + f.message }

// status answers the fault in the shape of every error: google.rpc.Status with one ErrorInfo.
func (f *fault) status() *spb.Status {
	st := &spb.Status{Code: int32(f.code), Message: f.message}
	info := &errdetails.ErrorInfo{Reason: f.reason, Domain: errorDomain, Metadata: f.metadata}
	if detail, err := anypb.New(info); err == nil {
		st.Details = append(st.Details, detail)
	}
	return st
}
