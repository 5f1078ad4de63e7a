//go:build desktop || bindings || dev

package main

import (
	"github.com/wailsapp/wails/v2/pkg/options"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

// windowOptions are the parts of the window that its bindings depend on, shared by the real
// window and by the generator of frontend/wailsjs.
func windowOptions(api *admin.API, shell *Desktop) *options.App {
	return &options.App{
		Title:          "Antigravity Tools",
		Width:          1180,
		Height:         760,
		MinWidth:       900,
		MinHeight:      600,
		Bind:           []any{api, shell},
		EnumBind:       enums(),
		ErrorFormatter: func(err error) any { return fault.Public(err) },
	}
}

// named is one value of an enum with its name in TypeScript; the generator wants these fields.
type named[T any] struct {
	Value  T
	TSName string
}

// enums lists the named string types of the DTOs for the generated client.
func enums() []any {
	return []any{
		[]named[admin.ServerState]{
			{admin.ServerStarting, "Starting"}, {admin.ServerRunning, "Running"}, {admin.ServerStopping, "Stopping"},
			{admin.ServerStopped, "Stopped"}, {admin.ServerFailed, "Failed"},
		},
		[]named[admin.AccountState]{
			{admin.AccountReady, "Ready"}, {admin.AccountCooling, "Cooling"}, {admin.AccountOutOfQuota, "OutOfQuota"},
			{admin.AccountNeedsSignIn, "NeedsSignIn"}, {admin.AccountRefused, "Refused"}, {admin.AccountDisabled, "Disabled"},
		},
		[]named[admin.ClientState]{
			{admin.ClientNotSetUp, "NotSetUp"}, {admin.ClientSetUp, "SetUp"}, {admin.ClientChanged, "Changed"},
			{admin.ClientOutdated, "Outdated"}, {admin.ClientByHand, "ByHand"}, {admin.ClientElsewhere, "Elsewhere"},
			{admin.ClientBroken, "Broken"},
		},
		[]named[admin.Severity]{{admin.SeverityBad, "Bad"}, {admin.SeverityWarn, "Warn"}, {admin.SeverityInfo, "Info"}},
		[]named[admin.ActionKind]{
			{admin.ActionOpenPage, "OpenPage"}, {admin.ActionStartServer, "StartServer"}, {admin.ActionUsePort, "UsePort"},
			{admin.ActionTryAccount, "TryAccount"}, {admin.ActionSetSetting, "SetSetting"},
		},
		[]named[admin.DoctorStepState]{
			{admin.DoctorOK, "OK"}, {admin.DoctorWarn, "Warn"}, {admin.DoctorBad, "Bad"}, {admin.DoctorSkipped, "Skipped"},
		},
		[]named[admin.FieldType]{
			{admin.FieldText, "Text"}, {admin.FieldSecret, "Secret"}, {admin.FieldURL, "URL"},
			{admin.FieldChoice, "Choice"}, {admin.FieldList, "List"}, {admin.FieldMultiline, "Multiline"},
		},
		[]named[admin.SettingType]{
			{admin.SettingBool, "Bool"}, {admin.SettingInt, "Int"}, {admin.SettingBytes, "Bytes"}, {admin.SettingDuration, "Duration"},
			{admin.SettingString, "String"}, {admin.SettingChoice, "Choice"}, {admin.SettingList, "List"}, {admin.SettingSecret, "Secret"},
		},
		[]named[admin.Topic]{
			{admin.TopicState, "State"}, {admin.TopicAccounts, "Accounts"}, {admin.TopicKeys, "Keys"}, {admin.TopicSettings, "Settings"},
			{admin.TopicTraffic, "Traffic"}, {admin.TopicProblems, "Problems"}, {admin.TopicToast, "Toast"},
			{admin.TopicDoctor, "Doctor"},
		},
	}
}
