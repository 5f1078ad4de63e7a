package protocol_test

func cases() []golden {
	const flash3, pro3, flash25 = "gemini-3-flash", "gemini-3-pro", "gemini-2.5-flash"
	return []golden{
		{dir: "03_talk/C-G", model: flash3},
		{dir: "03_talk/C-G_usage", model: flash3},
		{dir: "09_talk/A-G", model: flash3},
	}
}
