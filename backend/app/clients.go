package app

import (
	"path/filepath"

	coding "antigravity-tools/backend/clients"
	"antigravity-tools/backend/fault"
)

// What commands need to name of the set-up of clients.
type (
	// ClientSetup sets coding clients up.
	ClientSetup = coding.Setup
	// ClientValues are what goes into a client's files.
	ClientValues = coding.Values
	// ClientPlan is what would be written.
	ClientPlan = coding.Plan
	// ClientStatus is what is known of a client.
	ClientStatus = coding.Status
	// ClientVerification is the outcome of a client's call.
	ClientVerification = coding.Verification
)

// OpenClients returns the set-up of the coding clients of the user who runs this program. Its records and
// backups lie in the data directory, which need not be locked.
func OpenClients(dataDir string) (*ClientSetup, error) {
	if err := prepareDataDir(dataDir); err != nil {
		return nil, err
	}
	system, err := coding.ThisSystem()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the home directory is not known", err).WithHint("set HOME")
	}
	return coding.New(filepath.Join(dataDir, "clients"), system), nil
}
