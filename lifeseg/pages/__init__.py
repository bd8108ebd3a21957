"""Plain data comes in; pages that people read go out: HTML that needs no network, Markdown, PDF."""
