//go:build !bindings

package main

func main() {}
