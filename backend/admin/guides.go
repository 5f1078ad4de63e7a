package admin

func connectGuides(s ServerStatus, key string, req ConnectGuidesRequest) []ConnectGuide {
	_, _, _ = s, key, req
	return []ConnectGuide{}
}
