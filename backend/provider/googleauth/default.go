package googleauth

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/oauth2"

	"antigravity-tools/backend/fault"
)

// CredentialsVariable is where a person names the file of a service account.
const CredentialsVariable = "GOOGLE_APPLICATION_CREDENTIALS"

// metadataVariable and metadataHost name the metadata server of a machine in
// Google Cloud, as Google's own libraries do.
const (
	metadataVariable = "GCE_METADATA_HOST"
	metadataHost     = "metadata.google.internal"
	metadataDeadline = 5 * time.Second
	maxKeyFile       = 64 << 10
)

// Default is the application-default credentials: the service account of the
// file that GOOGLE_APPLICATION_CREDENTIALS names, else the account of this
// machine in Google Cloud. gcloud's own file is another program's store and is
// not looked for; nor does a file of its kind do, for it borrows gcloud's OAuth
// client.
type Default struct {
	Getenv func(string) string
	Scopes []string
}

// Key implements Source.
func (d Default) Key() string {
	return keyOf("default", d.Getenv(CredentialsVariable), d.Getenv(metadataVariable))
}

// ProjectID is the project of the file, "" if there is none.
func (d Default) ProjectID() string {
	if s, err := d.file(); err == nil && s != nil {
		return s.ProjectID
	}
	return ""
}

// file reads the service account, nil if none is named.
func (d Default) file() (*ServiceAccount, error) {
	path := d.Getenv(CredentialsVariable)
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, noDefault("the file that " + CredentialsVariable + " names cannot be read")
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, noDefault("the file that " + CredentialsVariable + " names cannot be read")
	}
	s, err := ParseServiceAccount(string(raw), d.Scopes...)
	if err != nil {
		return nil, noDefault("the file that " + CredentialsVariable + " names is not the key of a service account")
	}
	return s, nil
}

func noDefault(message string) *fault.Error {
	f := fault.New(fault.UpstreamAuth, message).
		WithHint("Set " + CredentialsVariable + " to the JSON key of a service account, or add the account with that key.")
	f.Scope = fault.ScopeAccount
	return f
}

// Mint implements Source.
func (d Default) Mint(ctx context.Context, client *http.Client) (*oauth2.Token, error) {
	s, err := d.file()
	if err != nil {
		return nil, err
	}
	if s != nil {
		return s.Mint(ctx, client)
	}
	return d.machine(ctx)
}

// machine asks the metadata server, which is on this machine's own network: no
// proxy stands before it.
func (d Default) machine(ctx context.Context) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, metadataDeadline)
	defer cancel()
	host := d.Getenv(metadataVariable)
	if host == "" {
		host = metadataHost
	}
	address := url.URL{Scheme: "http", Host: host, Path: "/computeMetadata/v1/instance/service-accounts/default/token"}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, noDefault("the metadata server's address cannot be used")
	}
	req.Header.Set("Metadata-Flavor", "Google")
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, noDefault("there are no application-default credentials on this machine")
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeyFile))
	var reply struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	if err == nil && (resp.StatusCode != http.StatusOK || resp.Header.Get("Metadata-Flavor") != "Google") {
		err = errors.New("not a metadata server")
	}
	if err == nil {
		err = json.Unmarshal(body, &reply)
	}
	if err != nil || reply.AccessToken == "" {
		return nil, noDefault("the metadata server has no credentials for this machine")
	}
	return &oauth2.Token{AccessToken: reply.AccessToken, Expiry: time.Now().Add(time.Duration(reply.ExpiresIn) * time.Second)}, nil
}
