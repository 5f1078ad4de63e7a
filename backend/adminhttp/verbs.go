package adminhttp

// Verbs is the list of what can be called over HTTP: a method of admin.API that is not here does
// not exist for pages and commands. None takes a path of the file system.
func Verbs() []string {
	return []string{
		"State", "Capabilities", "Status", "ShowWindow",
		"StartServer", "StopServer", "SetLAN", "SetPort", "CheckPort",
		"ListAccounts", "ShowAccount", "ProviderDescriptors", "PreviewAccountURL",
		"TestAccountDraft", "TestAccount", "AddAccount", "EnableAccount", "DisableAccount",
		"RemoveAccount", "RestoreAccount", "TryAccountNow",
		"ListKeys", "ShowKey", "CreateKey", "EnableKey", "DisableKey", "RevokeKey", "RotateKey", "RevealKey",
		"ListSettings", "SetSettings", "UnsetSettings",
		"Routes", "ConnectGuides", "RecentTraffic", "ExchangeDetail",
		"BaseURLProblems", "ClearBaseURLProblems", "Usage", "Doctor", "Models",
		"CheckDatabase", "VacuumDatabase",
	}
}
