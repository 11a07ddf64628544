package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	eventsv1 "clipshot/gateway/gen/clipshot/events/v1"
)

// asGateway makes the test binary be the gateway, so that processes are tested without a build of their own.
const asGateway = "CLIPSHOT_TEST_AS_GATEWAY"

func TestMain(m *testing.M) {
	if os.Getenv(asGateway) != "" {
		main()
	}
	os.Exit(m.Run())
}

// process is a running gateway that was handed a listening socket.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr *syncBuffer
	done   chan struct{} // closed when it has ended
}

func listen(t *testing.T) (*os.File, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file, "http://" + listener.Addr().String()
}

func startProcess(t *testing.T, socket *os.File, target string, args ...string) *process {
	t.Helper()
	p := &process{t: t, stderr: &syncBuffer{}, done: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], append([]string{"--upstream", target, "--listen-fd", "3"}, args...)...)
	p.cmd.Env = append(os.Environ(), asGateway+"=1")
	p.cmd.ExtraFiles = []*os.File{socket}
	p.cmd.Stderr = p.stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(stdout)
	if line := p.readLine(); line != "ready" {
		t.Fatalf("first line %q: %s", line, p.stderr)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
	})
	return p
}

// readLine answers the next line that the gateway says, without its end.
func (p *process) readLine() string {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("no line: %v: %s", err, p.stderr)
	}
	return strings.TrimSuffix(line, "\n")
}

// ends waits for the end and checks that it was a graceful one.
func (p *process) ends() {
	p.t.Helper()
	waitFor(p.t, p.done, "the gateway goes on")
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Fatalf("exit code %d: %s", code, p.stderr)
	}
}

func TestTheHandedOverSocketOutlivesTheProcess(t *testing.T) {
	core := startFakeCore(t)
	socket, url := listen(t)
	first := startProcess(t, socket, core.target)
	fetch(t, url+"/healthz")

	_ = first.cmd.Process.Kill()
	<-first.done
	answered := make(chan error, 1)
	go func() { // waits in the accept queue that this process keeps open
		response, err := client.Get(url + "/healthz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode != 200 {
				err = fmt.Errorf("status %d", response.StatusCode)
			}
		}
		answered <- err
	}()
	startProcess(t, socket, core.target)
	if err := <-answered; err != nil {
		t.Errorf("a connection made between two gateways: %v", err)
	}
}

func TestSigtermEndsStreamsAndProcess(t *testing.T) {
	core := startFakeCore(t)
	socket, url := listen(t)
	p := startProcess(t, socket, core.target)
	core.batches <- &eventsv1.SubscribeResponse{}
	response, err := client.Get(url + "/api/v1/system/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	readFrames(t, response.Body).expect(": hello")

	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	p.ends()
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) != 0 {
		t.Errorf("the stream was cut, not ended: %q, %v", rest, err)
	}
}

func TestClosedStdinEndsTheProcessOnlyWhenGuarded(t *testing.T) {
	core := startFakeCore(t)
	socket, url := listen(t)
	guarded := startProcess(t, socket, core.target, "--stdin-guard")
	_ = guarded.stdin.Close()
	guarded.ends()

	free := startProcess(t, socket, core.target)
	_ = free.stdin.Close()
	fetch(t, url+"/healthz")
	_ = free.cmd.Process.Signal(syscall.SIGTERM)
	free.ends()
}

func TestWrongOptionsAreSaid(t *testing.T) {
	for name, args := range map[string][]string{
		"no target":     {"--listen-fd", "3"},
		"no descriptor": {"--upstream", "unix:/nowhere"},
		"unknown":       {"--upstream", "unix:/nowhere", "--listen-fd", "3", "--colour"},
	} {
		var stderr syncBuffer
		if code := run(args, strings.NewReader(""), io.Discard, &stderr); code != 2 || stderr.String() == "" {
			t.Errorf("%s: exit code %d, %q", name, code, &stderr)
		}
	}
	var stderr syncBuffer
	if code := run([]string{"--upstream", "unix:/nowhere", "--listen-fd", "973"}, strings.NewReader(""), io.Discard, &stderr); code != 1 {
		t.Errorf("a descriptor that is not open: exit code %d", code)
	}
}

func TestSecretsAreNotLogged(t *testing.T) {
	core := startFakeCore(t)
	socket, url := listen(t)
	p := startProcess(t, socket, core.target)
	core.server.Stop() // every request fails, and failures are logged
	for _, path := range []string{"/api/v1/clips?sig=SECRET1&expires=9", "/login?code=SECRET2", "/api/v1/system/events?sig=SECRET3", "/api/v1/clips/c/media?sig=SECRET4"} {
		request, _ := http.NewRequest("GET", url+path, nil)
		request.Header.Set("X-API-Key", "SECRET5")
		request.Header.Set("Authorization", "Bearer SECRET6")
		request.Header.Set("Cookie", "clipshot_login=SECRET7")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != 503 || strings.Contains(string(body), "SECRET") {
			t.Errorf("%s: %d %s", path, response.StatusCode, body)
		}
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	p.ends()
	logs := p.stderr.String()
	if !strings.Contains(logs, `"path":"/login"`) {
		t.Fatalf("failures are not logged: %s", logs)
	}
	if strings.Contains(logs, "SECRET") {
		t.Errorf("a secret is in the log: %s", logs)
	}
}

// fetch gets an address and checks that it answers 200; a gateway that has just been started may still be connecting.
func fetch(t *testing.T, url string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		response, err := client.Get(url)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == 200 {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer: %v", url, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
