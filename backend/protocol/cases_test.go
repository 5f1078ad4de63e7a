package protocol_test

import "antigravity-tools/backend/protocol/protocoltest"

func cases() []golden {
	const flash3, pro3, flash25 = "gemini-3-flash", "gemini-3-pro", "gemini-2.5-flash"
	const image = "gemini-3-pro-image"
	const tts = "gemini-2.5-flash-preview-tts"
	return []golden{
		{dir: "03_talk/C-G", model: flash3},
		{dir: "03_talk/C-G_usage", model: flash3},
		{dir: "09_talk/A-G", model: flash3},
		{dir: "15_system_mid/A-G", model: pro3},
		{dir: "18_image_data/C-G", model: pro3},
		{dir: "18_image_data/C-G_older", model: flash25},
		{dir: "18_image_data/C-G_gif", model: pro3},
		{dir: "19_image_url/C-G", model: pro3},
		{dir: "19_image_url/C-G_refused", model: flash25},
		{dir: "19_image_url/C-G_file_scheme", model: pro3},
		{dir: "20_image_result/A-G", model: pro3},
		{dir: "20_image_result/A-G_older", model: "gemini-2.5-pro"},
		{dir: "23_audio/C-G", model: flash3},
		{dir: "23_audio/C-G_speech", model: tts},
		{dir: "23_audio/C-G_wav", model: tts},
		{dir: "23_audio/C-G_format", model: tts},
		{dir: "23_audio/C-G_mute", model: flash3},
		{dir: "24_file_refs/C-G", model: flash25},
		{dir: "24_file_refs/C-G_refused", model: pro3},
		{dir: "24_file_refs/C-G_own", model: pro3},
		{dir: "25_tools/C-G", model: flash3},
		{dir: "06_talk/R-G", model: pro3},
		{dir: "27_seal_chat/C-G", model: pro3},
		{dir: "27_seal_chat/C-G_extra", model: pro3, edit: forgetful},
		{dir: "28_seal_restart/C-G", model: pro3, restart: true},
		{dir: "29_seal_codex/R-G", model: pro3, edit: forgetful},
		{dir: "30_seal_claude/A-G", model: pro3, edit: forgetful},
		{dir: "30_seal_claude/A-G_bare", model: pro3, edit: forgetful},
		{dir: "32_parallel/A-G", model: pro3},
		{dir: "34_placeholder/C-G", model: pro3},
		{dir: "34_placeholder/C-G_text", model: pro3, edit: func(c *protocoltest.Cell) { c.Target.Caps.Placeholder = false }},
		{dir: "34_placeholder/C-G_older", model: flash25},
		{dir: "35_seal_rejected/A-G", model: pro3, edit: func(c *protocoltest.Cell) { c.Target.DropSeals = true }},
		{dir: "41_namespace/R-G", model: flash3},
		{dir: "42_names/C-G", model: flash3},
		{dir: "14_identity_envelope/G-G", model: pro3},
		{dir: "44_web_search/A-G", model: pro3},
		{dir: "44_web_search/A-G_alone", model: flash25},
		{dir: "44_web_search/A-G_older", model: flash25},
		{dir: "44_web_search/A-G_forced", model: flash25},
		{dir: "44_web_search/A-G_others", model: pro3},
		{dir: "45_client_tools/A-G", model: flash3},
		{dir: "45_client_tools/R-G", model: flash3},
		{dir: "47_results_repair/R-G", model: flash3},
		{dir: "47_results_repair/A-G", model: flash3},
		{dir: "48_schemas/A-G", model: flash3},
		{dir: "52_logprobs/C-G", model: flash3},
		{dir: "52_logprobs/R-G", model: flash3},
		{dir: "58_citations/C-G", model: flash3},
		{dir: "58_citations/A-G", model: flash3},
		{dir: "58_citations/R-G", model: flash3},
		{dir: "58_citations/G-G", model: flash3},
		{dir: "59_media_out/C-G", model: image},
		{dir: "59_media_out/A-G", model: image},
		{dir: "59_media_out/R-G", model: image},
	}
}

// forgetful proves that the client alone carries the seals.
func forgetful(c *protocoltest.Cell) { c.Seals = nil }
