package protocol_test

// chatCases are the golden cases whose upstream is Chat Completions.
func chatCases() []golden {
	const gpt5, gpt41, llama = "gpt-5.2", "gpt-4.1", "llama-4"
	return []golden{
		{dir: "04_talk/R-C", model: gpt5},
		{dir: "07_talk/A-C", model: gpt5},
		{dir: "07_talk/A-C_compatible", model: llama},
		{dir: "10_talk/G-C", model: gpt41},
		{dir: "15_system_mid/A-C", model: gpt5},
		{dir: "21_image_result/A-C", model: gpt41},
		{dir: "22_document/A-C", model: gpt41},
		{dir: "22_document/A-C_compatible", model: llama},
		{dir: "27_seal_chat/A-C_foreign", model: gpt5},
		{dir: "33_interleaved/A-C", model: gpt41},
		{dir: "39_reasoning_replay/A-C", model: "deepseek-v4"},
		{dir: "40_custom_tool/R-C", model: gpt5},
		{dir: "40_custom_tool/R-C_compatible", model: llama},
		{dir: "41_namespace/R-C", model: gpt5},
		{dir: "45_client_tools/R-C_late", model: gpt5},
		{dir: "45_client_tools/R-C_search", model: gpt5},
		{dir: "45_client_tools/R-C_shell", model: gpt5},
		{dir: "49_structured/A-C", model: gpt5},
		{dir: "49_structured/A-C_older", model: "deepseek-v4"},
		{dir: "53_cache/A-C", model: "gpt-5.6"},
		{dir: "53_cache/G-C_refused", model: gpt41},
		{dir: "57_stream_faults/A-C_cut", model: gpt41},
		{dir: "58_citations/G-C", model: gpt41},
	}
}
