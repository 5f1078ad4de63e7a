//go:build desktop || dev

package main

import _ "embed"

// icon is the window's icon.
//
//go:embed build/appicon.png
var icon []byte
