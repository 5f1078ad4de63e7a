package clients

import (
	"fmt"
	"strings"
)

// DocValues stand in the guides of the repository, where nothing is live.
func DocValues() Values {
	return Values{Root: "http://127.0.0.1:8045", Key: "YOUR_KEY", Model: "gemini-3.1-pro-preview", Small: "gemini-2.5-flash"}
}

// Markdown writes a guide as a page: docs/clients/NAME.md is this with DocValues.
func (g Guide) Markdown() string {
	var b strings.Builder
	b.WriteString("# " + g.Title + "\n\n")
	rows := [][2]string{{"Base URL", code(g.BaseURL)}, {"Protocol", g.Protocol}, {"Key", g.Key}, {"Models", g.Models}, {"It then asks for", code(g.Request)}}
	b.WriteString("| | |\n|---|---|\n")
	for _, r := range rows {
		b.WriteString("| " + r[0] + " | " + strings.ReplaceAll(r[1], "|", `\|`) + " |\n")
	}
	if g.Command != "" {
		b.WriteString("\n## In one step\n\n" + fence("sh", g.Command) + "\n" +
			"It shows the change of each file first (`--dry-run` shows it and writes nothing), changes our keys alone and keeps a\n" +
			"backup. `--model` and `--small-model` choose the models, `--key` an existing key.\n\n" +
			fence("sh", strings.Replace(g.Command, " apply ", " verify ", 1)+"    # makes a call as the client would\n"+
				strings.Replace(g.Command, " apply ", " restore ", 1)+"   # takes it all back; your own edits stay"))
	}
	g.ways(&b)
	g.files(&b)
	if len(g.Notes) > 0 {
		b.WriteString("\n## Good to know\n\n")
		for _, n := range g.Notes {
			b.WriteString("- " + n + "\n")
		}
	}
	b.WriteString("\n## When it does not work\n\n| You see | Do this |\n|---|---|\n")
	for _, t := range g.Troubles {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(t.Sign, "|", `\|`), strings.ReplaceAll(t.Cure, "|", `\|`))
	}
	b.WriteString("\n## The same call without the client\n")
	for _, s := range g.Snippets {
		b.WriteString("\n" + languageTitle(s.Language) + ":\n\n" + fence(s.Highlight, s.Text))
	}
	return b.String()
}

func (g Guide) ways(b *strings.Builder) {
	for _, w := range g.Ways {
		b.WriteString("\n## " + w.Title + "\n\n")
		for i, step := range w.Steps {
			if isCommand(step) {
				step = code(step)
			}
			fmt.Fprintf(b, "%d. %s\n", i+1, step)
		}
	}
}

func (g Guide) files(b *strings.Builder) {
	if len(g.Files) == 0 {
		return
	}
	b.WriteString("\n## By hand\n\nWrite our keys into the settings, beside what stands there already.\n")
	for _, f := range g.Files {
		where := code(f.Linux)
		if f.MacOS != f.Linux {
			where += ", on macOS " + code(f.MacOS)
		}
		where += ", on Windows " + code(f.Windows)
		b.WriteString("\n" + where + ":\n\n" + fence(f.Highlight, f.Text))
	}
}

// isCommand tells a step that is typed from one that is read.
func isCommand(step string) bool {
	first, _, _ := strings.Cut(step, " ")
	return first != "" && strings.ToLower(first) == first && !strings.Contains(first, "`")
}

func languageTitle(language string) string {
	switch language {
	case "curl":
		return "cURL"
	case "python":
		return "Python"
	case "typescript":
		return "TypeScript"
	case "go":
		return "Go"
	default:
		return "Environment variables, as the vendor's SDKs read them"
	}
}

func code(text string) string { return "`" + text + "`" }

func fence(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```\n"
}

// GuideIndex is the page that lists the guides: docs/clients/README.md.
func GuideIndex(list []Guide) string {
	var b strings.Builder
	b.WriteString("# Coding clients\n\n" +
		"One page per client: what to enter, where, and what to do when it does not work. The pages are written from the same\n" +
		"data as the command `antigravity-tools client apply NAME`, which does it all in one step; so does the page\n" +
		"Gateway, Connect of the window, which shows what it will write before it does:\n\n" +
		"![The page Connect with the difference that a set-up of Kilo Code makes](connect.png)\n\n" +
		"| Client | Protocol | Base URL |\n|---|---|---|\n")
	for _, g := range list {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | `%s` |\n", g.Title, g.Name, g.Protocol, g.BaseURL)
	}
	b.WriteString("\n[What a wrong base URL leads to](base-urls.md), as seen with the real clients.\n")
	b.WriteString("\nAfter a change of the data: `go test ./backend/clients -run TestGuides -update`.\n")
	return b.String()
}
