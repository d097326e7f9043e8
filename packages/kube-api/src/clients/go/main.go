// A program of client-go: a shared informer over ConfigMaps and a dynamic client over
// VirtualServices, against the server in KUBECONFIG. It prints what it sees, one line an event.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func must(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	client, err := kubernetes.NewForConfig(config)
	must(err)
	dyn, err := dynamic.NewForConfig(config)
	must(err)

	events := make(chan string, 100)
	report := func(kind string) cache.ResourceEventHandlerFuncs {
		name := func(object any) string {
			meta, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
			must(err)
			return meta
		}
		return cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { events <- fmt.Sprintf("add %s %s", kind, name(object)) },
			UpdateFunc: func(_, object any) { events <- fmt.Sprintf("update %s %s", kind, name(object)) },
			DeleteFunc: func(object any) { events <- fmt.Sprintf("delete %s %s", kind, name(object)) },
		}
	}
	wait := func(expected string) {
		select {
		case event := <-events:
			if event != expected {
				must(fmt.Errorf("expected %q, saw %q", expected, event))
			}
			fmt.Println(event)
		case <-ctx.Done():
			must(fmt.Errorf("timed out waiting for %q", expected))
		}
	}

	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default"))
	configMaps := factory.Core().V1().ConfigMaps().Informer()
	_, err = configMaps.AddEventHandler(report("configmap"))
	must(err)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	resource := schema.GroupVersionResource{Group: "networking.istio.io", Version: "v1", Resource: "virtualservices"}
	dynFactory := dynamicinformer.NewDynamicSharedInformerFactory(dyn, 0)
	_, err = dynFactory.ForResource(resource).Informer().AddEventHandler(report("virtualservice"))
	must(err)
	dynFactory.Start(ctx.Done())
	dynFactory.WaitForCacheSync(ctx.Done())

	maps := client.CoreV1().ConfigMaps("default")
	made, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "from-go"}}, metav1.CreateOptions{})
	must(err)
	wait("add configmap default/from-go")
	made.Data = map[string]string{"k": "v"}
	_, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	must(err)
	wait("update configmap default/from-go")
	_, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	if err == nil {
		must(fmt.Errorf("a stale update was taken"))
	}
	must(maps.Delete(ctx, "from-go", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(made.UID))}))
	wait("delete configmap default/from-go")

	services := dyn.Resource(resource).Namespace("default")
	route := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.istio.io/v1",
		"kind":       "VirtualService",
		"metadata":   map[string]any{"name": "from-go"},
		"spec":       map[string]any{"hosts": []any{"a"}, "http": []any{map[string]any{"timeout": "5s", "route": []any{map[string]any{"destination": map[string]any{"host": "a"}}}}}},
	}}
	_, err = services.Apply(ctx, "from-go", route, metav1.ApplyOptions{FieldManager: "go"})
	must(err)
	wait("add virtualservice default/from-go")
	must(services.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name=from-go"}))
	wait("delete virtualservice default/from-go")
	fmt.Println("done")
}
