package protocol_test

import "antigravity-tools/backend/protocol/protocoltest"

// responsesCases are the golden cases whose upstream is Responses.
func responsesCases() []golden {
	const gpt5 = "gpt-5.2"
	out := []golden{
		{dir: "02_talk/C-R_older", model: "gpt-4.1"},
		{dir: "02_talk/C-R_compatible", model: "llama-4"},
		{dir: "31_seal_gemini_client/G-R", model: gpt5, edit: forgetful},
		{dir: "38_seal_realm/A-R", model: gpt5, edit: forgetful},
		{dir: "38_seal_realm/A-R_rejected", model: gpt5, edit: func(c *protocoltest.Cell) { c.Seals, c.Target.DropSeals = nil, true }},
		{dir: "38_seal_realm/C-R", model: gpt5, moved: true},
		{dir: "45_client_tools/A-R_all", model: "gpt-4.1"},
		{dir: "53_cache/A-R", model: "gpt-5.6"},
	}
	for _, dir := range []string{
		"02_talk/C-R", "08_talk/A-R", "11_talk/G-R", "15_system_mid/A-R", "15_system_mid/C-R_only", "20_image_result/A-R",
		"23_audio/C-R_refused", "24_file_refs/C-R", "24_file_refs/G-R_refused", "26_tools/G-R", "27_seal_chat/C-R",
		"40_custom_tool/C-R", "40_custom_tool/R-R", "43_tool_choice/C-R", "43_tool_choice/C-R_one", "44_web_search/A-R",
		"44_web_search/C-R", "44_web_search/G-R", "45_client_tools/A-R", "45_client_tools/A-R_late", "46_call_ids/C-R", "47_results_repair/A-R",
		"49_structured/C-R", "49_structured/G-R_json", "51_sampling/C-R", "51_sampling/C-R_n", "54_finish/A-R_refusal",
		"54_finish/C-R_filter", "57_stream_faults/C-R_failed", "57_stream_faults/A-R_limit", "57_stream_faults/G-R_cut",
		"59_media_out/C-R", "59_media_out/G-R", "53_cache/G-R_refused", "58_citations/G-R",
	} {
		out = append(out, golden{dir: dir, model: gpt5})
	}
	return out
}
