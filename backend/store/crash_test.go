package store

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"antigravity-tools/backend/access"
)

// child writes until it is killed, and says what is confirmed.
func child() {
	ctx := context.Background()
	s, err := Open(ctx, Options{Dir: os.Getenv("STORE_TEST_CHILD"), Box: clearBox{}})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		id := fmt.Sprint("a", i)
		value := id
		err := s.SaveAccount(ctx, testAccount(id))
		if err == nil {
			err = s.SaveSettings(ctx, map[string]*string{"key." + id: &value})
		}
		if err == nil {
			err = s.CreateKey(ctx, access.Key{ID: id, Name: id, Hash: []byte(id)}, "sk-agt-fake-"+id)
		}
		if err == nil && i%10 == 3 {
			err = s.SaveUsage(ctx, rows(50))
		}
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(id)
	}
}

// Whatever was confirmed is there after a kill -9 in the middle of writing.
func TestKill9LosesNothingConfirmed(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var confirmed []string
		lines := bufio.NewScanner(out)
		for lines.Scan() && len(confirmed) < 15+round*7 {
			confirmed = append(confirmed, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		if len(confirmed) < 15 {
			t.Fatalf("the child said %v", confirmed)
		}
		s, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}})
		if err != nil {
			t.Fatal(err)
		}
		accounts, err := s.LoadAccounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, a := range accounts {
			there[a.Account.ID] = a.Account.Credential.APIKey == "AIza-fake-"+a.Account.ID
		}
		settings, err := s.LoadSettings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range confirmed {
			secret, err := s.RevealKey(t.Context(), id)
			if !there[id] || settings["key."+id] != id || err != nil || secret != "sk-agt-fake-"+id {
				t.Errorf("%s is lost", id)
			}
		}
		if h, err := s.Check(t.Context()); err != nil || len(h.Problems) > 0 {
			t.Errorf("%+v %v", h, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(Path(dir)); err != nil {
			t.Fatal(err)
		}
	}
}
