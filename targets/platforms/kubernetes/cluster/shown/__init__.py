"""Plans and standings as people and programs read them: text, Markdown, plain values."""
