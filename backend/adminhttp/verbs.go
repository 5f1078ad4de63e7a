package adminhttp

// Verbs is the list of what can be called over HTTP: a method of admin.API that is not here does
// not exist for pages and commands. None takes a path of the file system.
func Verbs() []string {
	return []string{
		"State", "Capabilities", "Status", "ShowWindow", "EndConsoleSessions",
		"StartServer", "StopServer", "SetLAN", "SetPort", "CheckPort",
		"ListAccounts", "ShowAccount", "ProviderDescriptors", "PreviewAccountURL",
		"TestAccountDraft", "TestAccount", "AddAccount", "EnableAccount", "DisableAccount",
		"RemoveAccount", "RestoreAccount", "TryAccountNow",
		"ListKeys", "ShowKey", "CreateKey", "EnableKey", "DisableKey", "RevokeKey", "RotateKey", "RevealKey",
		"ListSettings", "SetSettings", "UnsetSettings",
		"Routes", "ConnectGuides", "RecentTraffic", "ExchangeDetail",
		"BaseURLProblems", "ClearBaseURLProblems", "Usage", "Doctor", "DoctorWalk", "LanCheck", "Models",
		"CheckDatabase", "VacuumDatabase",
		"ClientList", "ClientShow", "ClientPlan", "ClientApply", "ClientPlanRestore", "ClientRestore", "ClientVerify",
	}
}

// LocalVerbs lists the verbs that answer only whoever sits at this machine: the window, commands, and a
// console that a browser of this machine has open. They read and write settings files in the home of the
// user who runs the gateway, and what stands there (a base URL, a command to fetch a key with) decides
// what that user's programs do. A password typed on a phone must not reach that far; and a person who
// sets "the clients" up from another machine would mean that machine's, which we cannot write to. They
// take the name of a client, never a path.
func LocalVerbs() []string {
	return []string{"ClientList", "ClientShow", "ClientPlan", "ClientApply", "ClientPlanRestore", "ClientRestore", "ClientVerify"}
}
