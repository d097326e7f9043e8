package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/diag"
	"istio.io/istio/pkg/config/analysis/legacy/source/kube"
	"istio.io/istio/pkg/config/analysis/local"
)

// File is one file of a case.
type File struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Case is what to analyze. The mesh configuration and networks are YAML texts; empty ones are defaults.
type Case struct {
	ID           int    `json:"id"`
	Files        []File `json:"files"`
	MeshConfig   string `json:"meshConfig"`
	MeshNetworks string `json:"meshNetworks"`
}

// Finding is one message of the library.
type Finding struct {
	Code     string `json:"code"`
	Level    string `json:"level"`
	Resource string `json:"resource"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Message  string `json:"message"`
}

// Answer is what the library says of a case. Error is of documents that it could not read and left out.
type Answer struct {
	ID        int       `json:"id"`
	Findings  []Finding `json:"findings"`
	Error     string    `json:"error,omitempty"`
	Panic     string    `json:"panic,omitempty"`
	ParseMs   int64     `json:"parseMs"`
	AnalyzeMs int64     `json:"analyzeMs"`
}

func finding(message diag.Message) Finding {
	f := Finding{
		Code:    message.Type.Code(),
		Level:   message.Type.Level().String(),
		Message: fmt.Sprintf(message.Type.Template(), message.Parameters...),
	}
	if message.Resource == nil {
		return f
	}
	f.Resource = message.Resource.Origin.FriendlyName()
	if position, ok := message.Resource.Origin.Reference().(*kube.Position); ok && position != nil {
		f.File, f.Line = position.Filename, position.Line
	}
	if message.Line != 0 {
		f.Line = message.Line
	}
	return f
}

// asFile hands a text to those functions of the library that take a file's name alone.
func asFile(text string, use func(name string) error) error {
	if text == "" {
		return nil
	}
	file, err := os.CreateTemp("", "analysis-peer-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(text); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return use(file.Name())
}

func analyze(request Case) (answer Answer) {
	answer = Answer{ID: request.ID, Findings: []Finding{}}
	defer func() {
		if reason := recover(); reason != nil {
			answer.Panic = fmt.Sprintf("%v\n%s", reason, debug.Stack())
		}
	}()
	analyzer := local.NewSourceAnalyzer(analyzers.AllCombined(), "", "istio-system", nil)
	if err := asFile(request.MeshConfig, analyzer.AddFileKubeMeshConfig); err != nil {
		answer.Error = err.Error()
		return answer
	}
	if err := asFile(request.MeshNetworks, analyzer.AddFileKubeMeshNetworks); err != nil {
		answer.Error = err.Error()
		return answer
	}
	start := time.Now()
	// The first call decides what the source keeps; istioctl adds its stand-ins before the files, so that files win.
	if err := analyzer.AddTestReaderKubeSource(nil); err != nil {
		answer.Error = err.Error()
		return answer
	}
	if err := analyzer.AddDefaultResources(); err != nil {
		answer.Error = err.Error()
		return answer
	}
	readers := make([]local.ReaderSource, 0, len(request.Files))
	for _, file := range request.Files {
		readers = append(readers, local.ReaderSource{Name: file.Name, Reader: strings.NewReader(file.Text)})
	}
	if err := analyzer.AddTestReaderKubeSource(readers); err != nil {
		answer.Error = err.Error()
	}
	parsed := time.Now()
	cancel := make(chan struct{})
	defer close(cancel)
	result, err := analyzer.Analyze(cancel)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	answer.ParseMs = parsed.Sub(start).Milliseconds()
	answer.AnalyzeMs = time.Since(parsed).Milliseconds()
	for _, message := range result.Messages {
		answer.Findings = append(answer.Findings, finding(message))
	}
	return answer
}
