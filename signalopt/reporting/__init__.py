"""The before/after report of a run, from its files: as HTML, Markdown or CSV."""
