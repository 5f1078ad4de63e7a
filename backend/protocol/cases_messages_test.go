package protocol_test

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/protocol/protocoltest"
)

// messageCases are the golden cases whose upstream is Anthropic Messages.
func messageCases() []golden {
	const opus, sonnet45, opus48 = "claude-opus-5", "claude-sonnet-4-5", "claude-opus-4-8"
	return []golden{
		{dir: "01_talk/C-A", model: opus},
		{dir: "05_talk/R-A", model: opus},
		{dir: "12_talk/G-A", model: sonnet45, edit: func(c *protocoltest.Cell) { c.JSONList = true }},
		{dir: "14_identity_envelope/A-A", model: sonnet45},
		{dir: "15_system_mid/C-A", model: opus48},
		{dir: "15_system_mid/C-A_older", model: sonnet45},
		{dir: "16_roles_repair/C-A", model: opus},
		{dir: "16_roles_repair/C-A_prefill", model: sonnet45},
		{dir: "16_roles_repair/C-A_noprefill", model: opus},
		{dir: "17_stable_prefix/C-A", model: opus},
		{dir: "22_document/R-A", model: opus},
		{dir: "23_audio/C-A_refused", model: opus},
		{dir: "23_audio/C-A_speech", model: opus},
		{dir: "26_tools/G-A", model: opus},
		{dir: "31_seal_gemini_client/G-A", model: opus, edit: forgetful},
		{dir: "36_thinking_store/C-A", model: opus},
		{dir: "36_thinking_store/C-A_restart", model: opus, restart: true},
		{dir: "37_thinking_foreign/G-A", model: sonnet45},
		{dir: "38_seal_realm/C-A", model: opus, edit: forgetful},
		{dir: "40_custom_tool/R-A", model: opus},
		{dir: "42_names/C-A", model: sonnet45},
		{dir: "43_tool_choice/C-A_forced", model: "claude-opus-5-5"},
		{dir: "43_tool_choice/C-A_forced_one", model: "claude-opus-5-5"},
		{dir: "43_tool_choice/C-A_manual", model: sonnet45},
		{dir: "44_web_search/R-A", model: opus},
		{dir: "45_client_tools/R-A_late", model: opus},
		{dir: "45_client_tools/R-A_search", model: opus},
		{dir: "45_client_tools/R-A_shell", model: opus},
		{dir: "44_web_search/R-A_off", model: opus},
		{dir: "45_client_tools/R-A", model: opus},
		{dir: "46_call_ids/C-A", model: opus},
		{dir: "48_schemas/C-A", model: opus},
		{dir: "49_structured/A-A_vertex", model: opus, edit: func(c *protocoltest.Cell) { c.Target.Caps = family.Vertex(opus) }},
		{dir: "49_structured/R-A", model: opus},
		{dir: "49_structured/R-A_json", model: opus},
		{dir: "53_cache/R-A", model: opus},
		{dir: "53_cache/G-A_refused", model: opus},
		{dir: "49_structured/C-A_older", model: "claude-3-7-sonnet"},
		{dir: "49_structured/G-A_enum", model: "claude-3-7-sonnet"},
		{dir: "57_stream_faults/C-A_overloaded", model: opus},
		{dir: "58_citations/C-A", model: opus},
		{dir: "58_citations/G-A", model: opus},
	}
}
