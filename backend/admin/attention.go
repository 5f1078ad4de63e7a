package admin

import (
	"fmt"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// attention derives the list of things that need the user; pure.
func attention(st State, accounts []Account) []Attention {
	list := []Attention{}
	if e := st.Server.Error; e != nil {
		item := Attention{ID: "server", Severity: SeverityBad, Title: e.Message, Detail: e.Hint,
			Action: &AttentionAction{Kind: ActionStartServer, Label: "Try again"}}
		if e.NextFreePort > 0 {
			port := itoa(e.NextFreePort)
			item.Action = &AttentionAction{Kind: ActionUsePort, Label: "Use port " + port, Target: port}
		}
		list = append(list, item)
	}
	for _, acc := range accounts {
		if item, ok := accountAttention(acc); ok {
			list = append(list, item)
		}
	}
	if st.Problems > 0 {
		list = append(list, Attention{ID: "problems", Severity: SeverityWarn,
			Title:  plural(st.Problems, "wrong base URL is", "wrong base URLs are") + " in use",
			Detail: "Requests reached paths that are no routes.",
			Action: &AttentionAction{Kind: ActionOpenPage, Label: "See the cure", Target: "traffic"}})
	}
	if st.Server.LAN && st.Server.Effective == "off" {
		list = append(list, Attention{ID: "open_lan", Severity: SeverityWarn,
			Title:  "Open to the network without a key",
			Detail: "Every machine that reaches this one can use your accounts.",
			Action: &AttentionAction{Kind: ActionSetSetting, Label: "Ask for a key", Target: "proxy.auth_mode", Value: "auto"}})
	}
	return list
}

// usageAttention tells of usage records that the database does not take; answers go on without them.
func usageAttention(stuck bool, lost int64) []Attention {
	item := Attention{ID: "usage_loss", Severity: SeverityWarn, Detail: "The disk is full, or another program holds the database. Answers are not affected."}
	switch {
	case lost > 0:
		item.Title = plural(int(lost), "usage record was lost", "usage records were lost")
	case stuck:
		item.Title = "Usage records cannot be written at present"
	default:
		return nil
	}
	return []Attention{item}
}

func accountAttention(acc Account) (Attention, bool) {
	open := &AttentionAction{Kind: ActionOpenPage, Label: "Open", Target: "accounts/" + acc.ID}
	item := Attention{ID: "account:" + acc.ID, Detail: acc.Reason, Action: open}
	switch acc.State {
	case AccountRefused:
		item.Severity, item.Title = SeverityBad, fmt.Sprintf("%s was refused", acc.Name)
	case AccountNeedsSignIn:
		item.Severity, item.Title = SeverityBad, fmt.Sprintf("%s needs a sign-in", acc.Name)
	case AccountOutOfQuota:
		item.Severity, item.Title = SeverityWarn, fmt.Sprintf("%s is out of quota", acc.Name)
		item.Action = &AttentionAction{Kind: ActionTryAccount, Label: "Try now", Target: acc.ID}
	default:
		return Attention{}, false
	}
	return item, true
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// firstRun derives the checklist; pure.
func firstRun(st State, accounts []Account, served bool) []FirstRunStep {
	return []FirstRunStep{
		{ID: "add_account", Title: "Add an account", Detail: "One account of any provider is enough. Until then the built-in loopback model answers.", Done: len(accounts) > 0},
		{ID: "start_server", Title: "Start the server", Detail: "Clients reach it on this machine.", Done: st.Server.State == ServerRunning},
		{ID: "connect_client", Title: "Connect a client", Detail: "Let its settings be written, or enter the base URL by hand.", Done: served},
	}
}
