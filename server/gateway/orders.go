package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// maxOrderBytes bounds an order: more host names and origins than anybody has.
const maxOrderBytes = 1 << 20

// order is what the core wants changed while the gateway runs.
type order struct {
	Hosts []string `json:"hosts"` // names of this machine beside the loopback ones
	Cors  []string `json:"cors"`  // foreign origins that may call with credentials
}

// obey follows orders, one a line, until there are no more: the core has ended, or wants the gateway to. Each is
// answered by a line, "ok" or why it is not followed. Requests that are being answered are not touched.
func obey(orders io.Reader, answers io.Writer, g *gateway) {
	lines := bufio.NewScanner(orders)
	lines.Buffer(nil, maxOrderBytes)
	for lines.Scan() {
		answer := "ok"
		if err := g.follow(lines.Bytes()); err != nil {
			answer = "refused: " + err.Error()
			g.log.Error("order not followed", "error", err.Error())
		}
		if _, err := fmt.Fprintln(answers, answer); err != nil {
			return
		}
	}
}

func (g *gateway) follow(line []byte) error {
	var wanted order
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wanted); err != nil {
		return err
	}
	g.policy.Store(newAccessPolicy(wanted.Hosts, wanted.Cors))
	return nil
}
