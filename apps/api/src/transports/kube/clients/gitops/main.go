// One turn of a GitOps loop with Flux's engine: what the branch of a repository holds is applied, what it held before
// and holds no more is pruned. Arguments: the repository, a folder for the inventory. It prints one line a change.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	ssautil "github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

func must(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	repository, inventory := os.Args[1], filepath.Join(os.Args[2], "inventory.json")
	objects := checkOut(repository)
	manager := connect()
	manager.SetOwnerLabels(objects, "shop", "flux-system")

	changes, err := manager.ApplyAllStaged(ctx, objects, ssa.DefaultApplyOptions())
	must(err)
	for _, entry := range changes.Entries {
		fmt.Println(entry.Action, entry.Subject)
	}
	stale := without(read(inventory), objects)
	removed, err := manager.DeleteAll(ctx, stale, ssa.DefaultDeleteOptions())
	must(err)
	for _, entry := range removed.Entries {
		fmt.Println(entry.Action, entry.Subject)
	}
	must(manager.WaitForTermination(stale, ssa.WaitOptions{Interval: 100 * time.Millisecond, Timeout: 20 * time.Second}))
	text, err := json.Marshal(objects)
	must(err)
	must(os.WriteFile(inventory, text, 0o600))
	fmt.Println("done")
}

func connect() *ssa.ResourceManager {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	httpClient, err := rest.HTTPClientFor(config)
	must(err)
	mapper, err := apiutil.NewDynamicRESTMapper(config, httpClient)
	must(err)
	kube, err := client.New(config, client.Options{Mapper: mapper, HTTPClient: httpClient})
	must(err)
	poller := polling.NewStatusPoller(kube, mapper, polling.Options{})
	return ssa.NewResourceManager(kube, poller, ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"})
}

func checkOut(repository string) []*unstructured.Unstructured {
	folder, err := os.MkdirTemp("", "gitops-")
	must(err)
	defer os.RemoveAll(folder)
	must(exec.Command("git", "clone", "--quiet", "--depth", "1", "file://"+repository, folder).Run())
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	must(err)
	var objects []*unstructured.Unstructured
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(err)
		read, err := ssautil.ReadObjects(bytes.NewReader(text))
		must(err)
		objects = append(objects, read...)
	}
	return objects
}

func read(inventory string) []*unstructured.Unstructured {
	text, err := os.ReadFile(inventory)
	if os.IsNotExist(err) {
		return nil
	}
	must(err)
	var objects []*unstructured.Unstructured
	must(json.Unmarshal(text, &objects))
	return objects
}

func without(before, now []*unstructured.Unstructured) []*unstructured.Unstructured {
	kept := map[string]bool{}
	for _, object := range now {
		kept[ssautil.FmtUnstructured(object)] = true
	}
	var stale []*unstructured.Unstructured
	for _, object := range before {
		if !kept[ssautil.FmtUnstructured(object)] {
			stale = append(stale, object)
		}
	}
	return stale
}
