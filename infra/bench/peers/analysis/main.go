// Command analysis-peer runs every analyzer of Istio's analysis library on files alone.
//
// istioctl drops Pods, Services, Namespaces, Nodes and Secrets from files, and with them the analyzers
// that read them. This program keeps them, as the library's own tests do, with no default namespace and
// with istioctl's stand-in for an ingress gateway.
//
//	analysis-peer [--mesh-config FILE] [--mesh-networks FILE] [--stats] FILE...   one JSON line a finding
//	analysis-peer --serve                                                        one JSON line a case in, one out
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"istio.io/istio/pkg/log"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, "analysis-peer:", err)
	os.Exit(1)
}

func silence() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
}

// keepsState says whether the library would remember something of the case: it keeps the first mesh
// configuration, and every remote secret, in variables of the package.
func keepsState(request Case) bool {
	if request.MeshConfig != "" || request.MeshNetworks != "" {
		return true
	}
	for _, file := range request.Files {
		if strings.Contains(file.Text, "istio/multiCluster") {
			return true
		}
	}
	return false
}

// analyzeApart analyzes in a process of its own where the library would remember the case.
func analyzeApart(request Case) (Answer, error) {
	if !keepsState(request) {
		return analyze(request), nil
	}
	text, err := json.Marshal(request)
	if err != nil {
		return Answer{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return Answer{}, err
	}
	command := exec.Command(self, "--one")
	command.Stdin = bytes.NewReader(text)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return Answer{}, err
	}
	var answer Answer
	return answer, json.Unmarshal(out, &answer)
}

// one answers the one case on standard input.
func one() error {
	var request Case
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(analyze(request))
}

// serve answers one case after the other, until its input ends.
func serve() error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for decoder.More() {
		var request Case
		if err := decoder.Decode(&request); err != nil {
			return err
		}
		answer, err := analyzeApart(request)
		if err != nil {
			return err
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func files(request Case, stats bool) error {
	answer := analyze(request)
	if answer.Panic != "" {
		return fmt.Errorf("an analyzer panicked: %s", answer.Panic)
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for _, finding := range answer.Findings {
		if err := encoder.Encode(finding); err != nil {
			return err
		}
	}
	if answer.Error != "" {
		fmt.Fprintln(os.Stderr, answer.Error)
	}
	if stats {
		fmt.Fprintf(os.Stderr, "{\"parseMs\":%d,\"analyzeMs\":%d}\n", answer.ParseMs, answer.AnalyzeMs)
	}
	return out.Flush()
}

func main() {
	serving := flag.Bool("serve", false, "answer cases from standard input")
	single := flag.Bool("one", false, "answer the one case on standard input")
	stats := flag.Bool("stats", false, "print times to standard error")
	meshConfig := flag.String("mesh-config", "", "file with a mesh configuration")
	meshNetworks := flag.String("mesh-networks", "", "file with mesh networks")
	flag.Parse()
	silence()
	if *serving || *single {
		answer := serve
		if *single {
			answer = one
		}
		if err := answer(); err != nil {
			fail(err)
		}
		return
	}
	request := Case{}
	for _, name := range flag.Args() {
		text, err := os.ReadFile(name)
		if err != nil {
			fail(err)
		}
		request.Files = append(request.Files, File{Name: name, Text: string(text)})
	}
	for path, into := range map[string]*string{*meshConfig: &request.MeshConfig, *meshNetworks: &request.MeshNetworks} {
		if path == "" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			fail(err)
		}
		*into = string(text)
	}
	if err := files(request, *stats); err != nil {
		fail(err)
	}
}
