package app

import (
	"context"
	"os"

	"antigravity-tools/backend/admin"
	coding "antigravity-tools/backend/clients"
)

// clientsPort is the set-up of coding clients as the service sees it. The set-up is opened per call: it
// holds nothing, and a home directory that is not known must not keep the program from starting.
type clientsPort struct{ dataDir string }

func (p clientsPort) List(_ context.Context, root string) (admin.ClientOverview, error) {
	out := admin.ClientOverview{Clients: []admin.CodingClient{}}
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return out, err
	}
	out.Machine, _ = os.Hostname() // told for orientation only
	out.Home, _ = os.UserHomeDir() // OpenClients has found it
	list, err := setup.List(root)
	for _, one := range list {
		out.Clients = append(out.Clients, clientDTO(one))
	}
	return out, err
}

func (p clientsPort) Status(_ context.Context, name, root string) (admin.CodingClient, error) {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return admin.CodingClient{}, err
	}
	one, err := setup.Status(name, root)
	return clientDTO(one), err
}

func (p clientsPort) Show(ctx context.Context, name, root string) (admin.CodingClient, error) {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return admin.CodingClient{}, err
	}
	one, err := setup.Show(ctx, name, root)
	return clientDTO(one), err
}

func clientDTO(s coding.Status) admin.CodingClient {
	c := admin.CodingClient{
		Name: s.Name, Title: s.Title, Installed: s.Installed, Binary: s.Binary, Version: s.Version,
		State: admin.ClientState(s.State), BaseURL: s.BaseURL, Model: s.Model, SmallModel: s.SmallModel,
		KeyName: s.KeyName, SetUpAt: s.SetUpAt, Files: []admin.ClientFile{}, Warnings: nonNil(s.Warnings),
		Notes: nonNil(s.Notes), Backups: s.Backups,
	}
	for _, f := range s.Files {
		c.Files = append(c.Files, admin.ClientFile{Path: f.Path, Exists: f.Exists, Error: f.Error})
	}
	return c
}

func (p clientsPort) Plan(_ context.Context, name string, v admin.ClientValues) (admin.ClientPlan, error) {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return admin.ClientPlan{}, err
	}
	plan, err := setup.Plan(name, valuesOf(v), v.KeyName)
	if err != nil {
		return admin.ClientPlan{}, err
	}
	status, err := setup.Status(name, v.Root)
	return planDTO(plan, status), err
}

func valuesOf(v admin.ClientValues) coding.Values {
	return coding.Values{Root: v.Root, Key: v.Key, Model: v.Model, Small: v.SmallModel}
}

func planDTO(plan *coding.Plan, now coding.Status) admin.ClientPlan {
	out := admin.ClientPlan{
		Name: plan.Client, Title: plan.Title, Changed: plan.Changed, Files: []admin.ClientFilePlan{},
		Warnings: nonNil(plan.Warnings), Notes: nonNil(plan.Notes), Backups: now.Backups,
	}
	for _, f := range plan.Files {
		out.Files = append(out.Files, admin.ClientFilePlan{Path: f.Path, Action: string(f.Action), Diff: f.Diff})
	}
	return out
}

func (p clientsPort) Apply(ctx context.Context, name string, v admin.ClientValues) error {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return err
	}
	plan, err := setup.Plan(name, valuesOf(v), v.KeyName)
	if err != nil {
		return err
	}
	return setup.Apply(ctx, plan)
}

func (p clientsPort) PlanRestore(_ context.Context, name, root string) (admin.ClientPlan, error) {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return admin.ClientPlan{}, err
	}
	plan, err := setup.PlanRestore(name)
	if err != nil {
		return admin.ClientPlan{}, err
	}
	status, err := setup.Status(name, root)
	out := planDTO(plan, status)
	if status.SetUpAt != nil {
		out.RestoreOf = *status.SetUpAt
	}
	return out, err
}

func (p clientsPort) Restore(ctx context.Context, name string) error {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return err
	}
	plan, err := setup.PlanRestore(name)
	if err != nil {
		return err
	}
	return setup.Apply(ctx, plan)
}

func (p clientsPort) Verify(ctx context.Context, name string) (admin.ClientVerification, error) {
	setup, err := OpenClients(p.dataDir)
	if err != nil {
		return admin.ClientVerification{}, err
	}
	v, err := setup.Verify(ctx, name)
	return admin.ClientVerification{
		Name: v.Client, Command: v.Command, URL: v.URL, Model: v.Model, OK: v.OK, Status: v.Status, Answer: v.Answer, Error: v.Error, Note: v.Note,
		LatencyMS: v.LatencyMS,
	}, err
}
