package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestOrdersReplaceTheAccessPolicy(t *testing.T) {
	s := newStack(t)
	const newcomer = "http://newcomer.example"
	if got := s.reason(403, "DELETE", "/api/v1/clips/clp_1", "", "Origin: "+newcomer); got != "ORIGIN_NOT_ALLOWED" {
		t.Fatalf("before: %s", got)
	}

	answers := &strings.Builder{}
	obey(strings.NewReader(`{"hosts": ["new.home"], "cors": ["`+newcomer+`/"]}`+"\n"), answers, s.gateway)

	if answers.String() != "ok\n" {
		t.Fatalf("answered %q", answers.String())
	}
	response := s.send("DELETE", "/api/v1/clips/clp_1", "", "Origin: "+newcomer)
	if response.StatusCode == http.StatusForbidden || response.Header.Get("Access-Control-Allow-Origin") != newcomer {
		t.Errorf("the newcomer gets %d %v", response.StatusCode, response.Header)
	}
	if got := s.reason(403, "DELETE", "/api/v1/clips/clp_1", "", "Origin: "+friendlyOrigin); got != "ORIGIN_NOT_ALLOWED" {
		t.Errorf("an origin that was taken away: %s", got)
	}
	s.call(200, "GET", "/openapi.json", "", "Host: new.home")
	s.reason(403, "GET", "/openapi.json", "", "Host: clips.home")
}

func TestAnOrderThatIsNoneChangesNothing(t *testing.T) {
	s := newStack(t)
	for _, line := range []string{"", "{", `{"hosts": "a"}`, `{"origins": []}`, "[]"} {
		answers := &strings.Builder{}
		obey(strings.NewReader(line+"\n"), answers, s.gateway)
		if !strings.HasPrefix(answers.String(), "refused: ") {
			t.Errorf("%q is answered by %q", line, answers.String())
		}
	}
	s.call(200, "GET", "/openapi.json", "", "Host: clips.home")
}

func TestOrdersReachTheProcess(t *testing.T) {
	core := startFakeCore(t)
	socket, url := listen(t)
	p := startProcess(t, socket, core.target, "--stdin-guard")
	if _, err := io.WriteString(p.stdin, `{"hosts": ["new.home"], "cors": []}`+"\n"); err != nil {
		t.Fatal(err)
	}
	if answer := p.readLine(); answer != "ok" {
		t.Fatalf("answered %q", answer)
	}
	request, err := http.NewRequest("GET", url+"/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "new.home"
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("status %d", response.StatusCode)
	}
}
