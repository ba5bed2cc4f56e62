"""Word, there and back: what reviewers changed in a report's DOCX, as edits of its notebook."""
